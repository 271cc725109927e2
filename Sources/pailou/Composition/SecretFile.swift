import Foundation
import ServiceRuntime

/// A secret in a file of its own: one the settings name, else one that is made on first start.
enum SecretFile {
    /// The fewest octets a secret may have.
    static let bytesMin = 32

    /// The octets of the file without white space around them. Every process that shares the secret needs the same file.
    ///
    /// - Parameters:
    ///   - setting: The key that names the file; empty takes `path`, which is made (mode 0600) if it is not there.
    ///   - isOwnersOnly: Refuses a file that others can read or write.
    static func load(
        _ setting: Setting<String>, _ settings: Settings, orMakeAt path: String, isOwnersOnly: Bool = false
    ) throws -> String {
        let configured = settings[setting]
        let path = configured.isEmpty ? path : configured
        if let data = FileManager.default.contents(atPath: path) {
            if isOwnersOnly { try refuseLoose(path) }
            let secret = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard secret.utf8.count >= bytesMin else {
                throw StartError("\(path): expected a secret of at least \(bytesMin) characters")
            }
            return secret
        }
        guard configured.isEmpty else {
            throw StartError("\(setting.key): expected a readable file, found \"\(path)\"")
        }
        var random = SystemRandomNumberGenerator()
        let secret = (0..<bytesMin).map { _ in String(UInt8.random(in: 16...255, using: &random), radix: 16) }.joined()
        try AtomicFile.write(Array(secret.utf8), to: path)
        return secret
    }

    /// A secret that others on this machine can read is none.
    private static func refuseLoose(_ path: String) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let permissions = attributes?[.posixPermissions] as? Int, permissions & 0o077 != 0 else { return }
        let mode = String(permissions & 0o777, radix: 8)
        throw StartError("\(path): expected a file that only its owner can read (mode 600), found mode \(mode)")
    }
}
