import Foundation
import ServiceRuntime

/// `DATA/endpoints.json`: what listens where, for programs that start us with `--ephemeral`.
///
/// Present exactly while everything is ready: written when the last listener is bound, removed at stop.
struct Endpoints: Codable, Sendable {
    var pid = getpid()
    var facades: [String: String] = [:]
    var rpc: [String: String] = [:]
    var admin: String?
    /// Which of them speak TLS only, by the names that `--listen` takes.
    var tls: [String] = []
    /// The façades that let nobody in without a key or token.
    var guarded: [String] = []

    static func path(in dataDirectory: String) -> String { dataDirectory + "/endpoints.json" }

    func write(in dataDirectory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: Self.path(in: dataDirectory))
    }

    static func remove(in dataDirectory: String) { AtomicFile.remove(path(in: dataDirectory)) }

    static func read(in dataDirectory: String) -> Endpoints? {
        guard let data = FileManager.default.contents(atPath: path(in: dataDirectory)) else { return nil }
        return try? JSONDecoder().decode(Endpoints.self, from: data)
    }
}
