import Database
import HTTPFetch
import JSONBytes
import Logging
import NIOCore
import RPC
import ServiceContracts

/// `scrape.account.*` and `scrape.proxy.*`: secrets come in and are never shown again.
struct SecretMethods: Sendable {
    let kind: SecretKind
    let database: any Database
    let sealer: SecretSealer
    let http: any HTTPFetcher
    /// Which addresses proxies may have.
    let proxyPolicy: AddressPolicy
    /// What a proxy is tried with.
    let target: String

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        add("create", .init(isDetached: true), &methods, create)
        add("list", idempotent, &methods, list)
        add("get", idempotent, &methods) { reply(try await record(try name($0))) }
        add("update", .init(isDetached: true, isIdempotent: true), &methods, update)
        add("delete", .init(isDetached: true), &methods, delete)
        if kind == .proxy { add("check", .init(timeout: .seconds(60)), &methods, check) }
    }

    private func add(
        _ verb: String, _ options: RPCMethodOptions, _ methods: inout RPCMethods,
        _ body: @escaping @Sendable (RPCContext) async throws -> ByteBuffer
    ) {
        methods.register(
            "scrape.\(kind.rawValue).\(verb)", options: options,
            raw: { context in try await ScrapeFaults.translating { try await body(context) } })
    }

    private var idMember: String { "\(kind.rawValue)_id" }

    private var unknown: RPCError {
        RPCError(.notFound, reason: kind.rawValue, kind == .account ? "Account not found" : "Proxy not found")
    }

    private func name(_ context: RPCContext) throws -> String {
        var call = try CallFields(context.params)
        let name = call.text(idMember)
        try call.check()
        return name
    }

    private func record(_ name: String) async throws -> SecretRecord {
        let (kind, sealer) = (kind, sealer)
        guard let record = try await database.read({ try SecretStore($0, sealer).record(kind, name) }) else {
            throw unknown
        }
        return record
    }

    private func create(_ context: RPCContext) async throws -> ByteBuffer {
        let body = try SecretBody(try CallFields(context.params).object, kind, at: [], isNew: true)
        let (kind, sealer) = (kind, sealer)
        let name = body.name ?? PublicName.make(kind.rawValue)
        let isNew = try await database.write(admission: .newWork) {
            try SecretStore($0, sealer).insert(kind, name, body.change, at: UTCTime.now())
        }
        guard isNew else {
            throw RPCError(.alreadyExists, reason: "id", "the id \(name.prefix(200)) is taken; expected one of its own")
        }
        return reply(try await record(name))
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let part = call.part()
        let bytesMax = call.bytesMax(context)
        try call.check()
        let (kind, sealer) = (kind, sealer)
        let (records, total) = try await database.read { try SecretStore($0, sealer).records(kind, part) }
        var page = PageWriter(bytesMax: bytesMax)
        for record in records { page.add { write(record, to: &$0) } }
        return ByteBuffer(bytes: page.finish(total: total, page: part.page, size: part.size))
    }

    private func update(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text(idMember)
        if call.object["changes"] == nil { call.fields.missing(["changes"]) }
        try call.check()
        let body = try SecretBody(call.object["changes"] ?? .null, kind, at: ["changes"], isNew: false)
        let (kind, sealer) = (kind, sealer)
        try await database.write { try SecretStore($0, sealer).update(kind, name, body.change, at: UTCTime.now()) }
        return reply(try await record(name))
    }

    private func delete(_ context: RPCContext) async throws -> ByteBuffer {
        let (kind, sealer, name) = (kind, sealer, try name(context))
        guard try await database.write({ try SecretStore($0, sealer).delete(kind, name) }) else { throw unknown }
        return ByteBuffer(string: "{}")
    }

    /// Asks for something through the proxy; any answer at all will do.
    private func check(_ context: RPCContext) async throws -> ByteBuffer {
        let (kind, sealer, name) = (kind, sealer, try name(context))
        guard let url = try await database.read({ try SecretStore($0, sealer).secret(kind, name) }) else {
            throw unknown
        }
        let request = HTTPFetchRequest(
            url: target, limits: HTTPFetchLimits(timeout: .seconds(30)), policy: nil, proxy: url,
            proxyPolicy: proxyPolicy)
        let begin = ContinuousClock.now
        var failure: String?
        do throws(HTTPFetchError) {
            _ = try await http.fetch(request)
        } catch {
            if error == .cancelled { throw CancellationError() }
            failure = Self.words(error)
            context.logger.info("a proxy does not answer", metadata: ["proxy": "\(name)", "error": "\(error)"])
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("ok")
        writer.bool(failure == nil)
        writer.number("latency_ms", Int(begin.duration(to: .now) / .milliseconds(1)))
        writer.text("error", failure)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    /// Not what happened in full: who may name a proxy could feel his way through a network with it.
    private static func words(_ error: HTTPFetchError) -> String {
        switch error {
        case .addressDenied: "the proxy's address is local, private or reserved, and not in scrape.allowedProxies"
        case .invalidProxy: "the proxy's URL is none"
        case .timedOut: "no answer came through the proxy in time"
        default: "no answer came through the proxy"
        }
    }

    private func reply(_ record: SecretRecord) -> ByteBuffer {
        var writer = JSONWriter()
        write(record, to: &writer)
        return ByteBuffer(bytes: writer.bytes)
    }

    private func write(_ record: SecretRecord, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.text("id", record.name)
        writer.text("name", record.label)
        if kind == .proxy { writer.text("url", record.shown) }
        writer.text("created_at", UTCTime.text(record.createdAt))
        writer.text("updated_at", record.updatedAt.map(UTCTime.text))
        writer.endObject()
    }
}
