import Foundation
import ServiceRuntime

/// What proves to a service that its caller is the gateway, so that a stranger on loopback cannot claim a principal.
enum RPCSecret {
    private static let bytesCount = 32

    /// The secret of `rpc.secretFile`, or of `DATA/rpc.secret`, which is made (mode 0600) on first start.
    static func load(_ settings: Settings, in dataDirectory: DataDirectory) throws -> String {
        let configured = settings[RPCSettings.secretFile]
        let path = configured.isEmpty ? dataDirectory.path + "/rpc.secret" : configured
        if let data = FileManager.default.contents(atPath: path) {
            let secret = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard secret.utf8.count >= bytesCount else {
                throw StartError("\(path): expected a secret of at least \(bytesCount) characters")
            }
            return secret
        }
        guard configured.isEmpty else {
            throw StartError("rpc.secretFile: expected a readable file, found \"\(path)\"")
        }
        var random = SystemRandomNumberGenerator()
        let secret = (0..<bytesCount).map { _ in String(UInt8.random(in: 16...255, using: &random), radix: 16) }
            .joined()
        try AtomicFile.write(Array(secret.utf8), to: path)
        return secret
    }
}
