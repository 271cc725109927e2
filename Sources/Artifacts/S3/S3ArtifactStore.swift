import HTTPFetch
import NIOCore
package import S3Client

/// Files as objects of an S3-compatible store, all below one prefix.
package struct S3ArtifactStore: ArtifactStore {
    /// How the store is used.
    package struct Options: Sendable {
        /// In front of every name: empty, or ending in a slash.
        package var prefix = ""
        /// Hands out links to the store itself.
        package var givesLinks = false
        /// How long a store that cannot be reached is waited for before a finished file is given up.
        package var publishDuration: Duration = .seconds(600)
        /// The wait between two attempts to publish, each of which tries every request several times.
        package var publishInterval: Duration = .seconds(5)

        package init() {}
    }

    /// Requests at once that remove objects.
    private static let removalsAtOnce = 8
    /// Pages of a list; a store that has more to say than this is not listing.
    private static let pagesMax = 100_000

    private let client: S3Client
    private let options: Options

    package init(client: S3Client, options: Options) {
        self.client = client
        self.options = options
    }

    /// Lists one name: that takes working credentials, the right region, and a bucket that is there.
    package func prepare() async throws(ArtifactError) {
        try await translating { () throws(S3Error) in _ = try await client.list(prefix: options.prefix, limit: 1) }
    }

    package func publish(file: String, as name: String) async throws(ArtifactError) {
        let source: UploadFile
        do throws(HTTPFetchError) {
            source = try UploadFile(path: file)
        } catch {
            throw ArtifactError(.refused, error.description)
        }
        let deadline = ContinuousClock.now + options.publishDuration
        while true {
            do throws(ArtifactError) {
                try await translating { () throws(S3Error) in
                    try await client.put(source, as: key(name), type: "application/zip")
                }
                return
            } catch {
                // Hours of work are in that file: an outage of minutes shall not cost them.
                guard error.kind == .unavailable, .now < deadline else { throw error }
            }
            do {
                try await Task.sleep(for: options.publishInterval)
            } catch {
                throw ArtifactError(.cancelled, "it was cancelled")
            }
        }
    }

    package func open(_ name: String) async throws(ArtifactError) -> any Artifact {
        try await translating { () throws(S3Error) in
            S3Artifact(client: client, key: key(name), head: try await client.head(key(name)))
        }
    }

    package func remove(_ names: [String]) async throws(ArtifactError) {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, name) in names.enumerated() {
                    if index >= Self.removalsAtOnce { _ = try await group.next() }
                    group.addTask { try await client.delete(key(name)) }
                }
                try await group.waitForAll()
            }
        } catch {
            throw ArtifactError(error)
        }
    }

    package func forEachBatch(
        below bound: String, writtenBefore seconds: Int, batch: Int, _ body: ([String]) async throws -> Void
    ) async throws {
        var token: String?
        for _ in 0..<Self.pagesMax {
            let asked = token
            let page = try await translating { () throws(S3Error) in
                try await client.list(prefix: options.prefix, after: asked, limit: min(batch, 1_000))
            }
            let objects = page.objects.filter { $0.key.hasPrefix(options.prefix) }
            let old = objects.filter { $0.modified < seconds }.map { String($0.key.dropFirst(options.prefix.count)) }
            let names = old.filter { $0 < bound }
            if !names.isEmpty { try await body(names) }
            token = page.next
            let isBeyond = objects.last.map { $0.key >= options.prefix + bound } ?? false
            guard let next = page.next, next != asked, !isBeyond else { return }
        }
    }

    package func removeUnfinished(begunBefore seconds: Int) async throws(ArtifactError) -> Int {
        try await translating { () throws(S3Error) in
            var (count, marker): (Int, (key: String, id: String)?) = (0, nil)
            for _ in 0..<Self.pagesMax {
                let page = try await client.listUploads(prefix: options.prefix, after: marker)
                for upload in page.uploads where upload.begun < seconds && upload.key.hasPrefix(options.prefix) {
                    try await client.abort(upload.key, upload: upload.id)
                    count += 1
                }
                guard let next = page.next, marker.map({ $0 != next }) ?? true else { break }
                marker = next
            }
            return count
        }
    }

    package func link(to name: String, called fileName: String, lasting duration: Duration) -> String? {
        guard options.givesLinks else { return nil }
        let disposition = "attachment; filename*=UTF-8''\(PercentEncoding.encode(fileName))"
        return client.link(
            to: key(name), query: [("response-content-disposition", disposition)],
            lasting: Int(duration.components.seconds))
    }

    private func key(_ name: String) -> String { options.prefix + name }

    private func translating<T>(_ body: () async throws(S3Error) -> T) async throws(ArtifactError) -> T {
        do throws(S3Error) {
            return try await body()
        } catch {
            throw ArtifactError(error)
        }
    }
}

/// An object that was looked at; read in ranges, the next one while the last is written.
///
/// Ranges and not one long answer: a connection that breaks costs a range, and a slow reader holds two of them at most.
struct S3Artifact: Artifact {
    /// Octets of a range.
    static let rangeBytes = 4 << 20

    let client: S3Client
    let key: String
    let head: S3Head

    var size: Int { head.size }
    var modified: Int { head.modified }
    /// The store's own, without what an entity tag cannot have inside.
    var tag: String { head.etag.filter { $0 != "\"" && $0.isASCII && !$0.isWhitespace } }

    func copy(_ range: Range<Int>, to write: (ByteBuffer) async throws -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                var next = range.lowerBound
                func fetch() {
                    guard next < range.upperBound else { return }
                    let part = next..<min(next + Self.rangeBytes, range.upperBound)
                    next = part.upperBound
                    group.addTask { try await client.get(key, part, of: head.etag) }
                }
                fetch()
                while let octets = try await group.next() {
                    fetch()
                    try await write(ByteBuffer(bytes: octets))
                }
            }
        } catch let error as S3Error {
            throw ArtifactError(error)
        }
    }
}

extension ArtifactError {
    init(_ error: any Error) {
        guard let error = error as? S3Error else {
            self.init(.cancelled, "it was cancelled")
            return
        }
        let kind: Kind =
            switch error.kind {
            case .missing: .missing
            case .changed: .damaged
            case .unavailable: .unavailable
            case .refused, .source: .refused
            case .cancelled: .cancelled
            }
        self.init(kind, error.description)
    }
}
