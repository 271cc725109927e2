import Artifacts
import Logging
import NIOCore
import RPC
import ServiceContracts

/// `export.artifact.read`: the zip of a finished export, whole or in part.
struct ArtifactMethod: Sendable {
    /// A slow reader of a large file is not cut off; one that takes nothing is, by the stream's own rule.
    static let timeout = Duration.seconds(3600)

    private static let unknown = RPCError(.notFound, reason: "artifact", "no file of this name")

    let rules: ExportRules
    let artifacts: any ArtifactStore
    let octetsRead: OctetCount
    let logger: Logger

    func register(in methods: inout RPCMethods) {
        let options = RPCMethodOptions(timeout: Self.timeout, isIdempotent: true)
        methods.registerStream(ExportMethods.readArtifact, options: options) { context, opener in
            try await ServiceFaults.translating { try await read(context, opener) }
        }
    }

    private func read(_ context: RPCContext, _ opener: RPCStreamOpener) async throws {
        var parameters = try ParameterFields(context.params)
        let names = ["month", "day", "file"].map { parameters.text($0, charactersMax: 64) ?? "" }
        let expires = parameters.optionalInteger("expires")
        let signature = parameters.optionalText("signature", charactersMax: 128)
        try parameters.check()
        try checkLink(names.joined(separator: "/"), expires: expires, signature: signature)
        let name = try await artifact(month: names[0], day: names[1], file: names[2])
        do {
            let file = try await artifacts.open(name.stored)
            try await send(file, titled: name.title, of: name.key, context, opener)
        } catch let error as ArtifactError {
            throw fault(error, of: name.key)
        }
    }

    /// What the store says goes into the log; its caller learns what to do next.
    private func fault(_ error: ArtifactError, of key: HashKey) -> any Error {
        switch error.kind {
        case .cancelled: return CancellationError()
        case .missing: return RPCError(.notFound, reason: "artifact", "the file of the export \(key) is gone")
        case .damaged, .full, .refused, .unavailable: break
        }
        logger.warning("a file cannot be read", metadata: ["key": "\(key)", "error": "\(error)"])
        if error.kind == .damaged {
            return RPCError(.dataLoss, reason: "artifact", "the file of the export \(key) is not what it was")
        }
        var fault = RPCError(.unavailable, reason: "artifact_store", "the store of files does not answer, try again")
        fault.retryAfter = .seconds(5)
        return fault
    }

    /// Before anything is looked up: without a link that works nobody learns which files there are.
    private func checkLink(_ path: String, expires: Int?, signature: String?) throws(RPCError) {
        guard let links = rules.configuration.links else { return }
        let proof = expires.flatMap { expires in signature.map { LinkSigner.Proof(expires: expires, signature: $0) } }
        switch links.judge(proof, for: path) {
        case .valid: return
        case .expired:
            throw RPCError(
                .permissionDenied, reason: "link_expired",
                "this link has expired; the export's detail gives a new one")
        case .forged:
            throw RPCError(
                .permissionDenied, reason: "signature",
                "expected a link as the export's detail gives it; its signature is missing or wrong")
        }
    }

    /// The artefact a path means, if there is one.
    private func artifact(
        month: String, day: String, file: String
    ) async throws -> (key: HashKey, stored: String, title: String) {
        guard let name = ArtifactName(month: month, day: day, file: file),
            let record = try await rules.record(name.key), let result = record.result
        else { throw Self.unknown }
        guard let artifact = result.artifact else {
            let time = WallClock.text(milliseconds: result.expiresAt)
            throw RPCError(.notFound, reason: "expired", "the file of the export \(name.key) expired at \(time)")
        }
        guard ArtifactName(stored: artifact) == name else { throw Self.unknown }
        return (name.key, artifact, record.title)
    }

    private func send(
        _ file: any Artifact, titled title: String, of key: HashKey, _ context: RPCContext,
        _ opener: RPCStreamOpener
    ) async throws {
        let size = file.size
        let http = context.meta.http
        var content = RPCContent(type: "application/zip", name: "\(FileTitle.sanitized(title)).zip", size: size)
        content.etag = "\"\(key)-\(file.tag)\""
        content.modified = file.modified
        if let known = http?.ifNoneMatch, Self.matches(known, content.etag) {
            content.status = 304
            content.size = nil
            _ = try await opener.open(content)
            return
        }
        var range = 0..<size
        let wanted = Self.isCurrent(http?.ifRange, content.etag) ? http?.range : nil
        switch ByteRangeRequest(header: wanted, size: size) {
        case .whole: break
        case .part(let part):
            range = part.lowerBound..<part.upperBound + 1
            content.status = 206
            content.size = part.count
            content.range = .init(first: part.lowerBound, last: part.upperBound, total: size)
        case .unsatisfiable:
            // The size goes along for `Content-Range`; no octet follows.
            content.status = 416
            _ = try await opener.open(content)
            return
        }
        let writer = try await opener.open(content)
        if http?.head == true { return }
        // A plain peer asks for one piece after the other: none of them costs what lies before it.
        let part = await writer.wanted(ofLast: range.count)
        try await file.copy(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound) { octets in
            octetsRead.add(octets.readableBytes)
            try await writer.write(octets)
        }
    }

    /// `If-Range`: the part is only wanted of the file the client has the rest of, else the whole; compared strongly
    /// (RFC 9110 §13.1.5). A date cannot tell two files of one second apart and is answered with the whole.
    private static func isCurrent(_ header: String?, _ etag: String?) -> Bool {
        guard let header else { return true }
        return header.filter { $0 != " " } == etag
    }

    /// `If-None-Match`: a list of tags, or `*`; compared weakly (RFC 9110 §13.1.2).
    private static func matches(_ header: String, _ etag: String?) -> Bool {
        header.split(separator: ",").contains { item in
            let tag = item.filter { $0 != " " }
            return tag == "*" || tag == etag || tag == "W/\(etag ?? "")"
        }
    }
}
