import Crypto
import Synchronization

/// The tokens that callers may show, each known by its name and the SHA-256 of its octets only.
///
/// A line of the file is `NAME SHA256 [SCOPE …]`, the hash in 64 hexadecimal digits; lines that are empty or begin with
/// `#` say nothing. A name may have several tokens, so that one can be replaced by another.
public final class TokenFile: Sendable {
    /// One line of the file.
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let scopes: Set<String>
        let hash: TokenHash
    }

    /// Longest token that is looked at.
    package static let tokenBytesMax = 512
    /// Lines of one file: each is compared with every token shown.
    static let entriesMax = 1000

    private let file: FileBacked<[Entry]>
    /// Grows with every reading, so that who was let in before can be looked at again.
    private let readings = Atomic(0)

    /// Reads the file; an error names the line.
    public init(path: String) async throws {
        file = try await FileBacked([path]) { try TokenFileParser(path: path).entries() }
    }

    /// Reads a changed file again: true when it was; an error leaves the tokens as they were.
    public func reload() async throws -> Bool {
        guard try await file.reload() else { return false }
        readings.add(1, ordering: .releasing)
        return true
    }

    /// Which reading of the file is in force.
    package var reading: Int { readings.load(ordering: .acquiring) }

    /// Whose token this is. How long it takes does not depend on what is right about it: its hash is compared with
    /// all of them, each as a whole.
    package func entry(of token: String) -> Entry? {
        guard (1...Self.tokenBytesMax).contains(token.utf8.count) else { return nil }
        let hash = TokenHash(of: token)
        var found: Entry?
        for entry in file.value where entry.hash.isEqual(hash) { found = entry }
        return found
    }

    /// Whether a token let in before is still in the file.
    package func contains(_ entry: Entry) -> Bool { file.value.contains(entry) }
}

/// The SHA-256 of a token.
package struct TokenHash: Sendable, Hashable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Hashes a token.
    package init(of token: String) {
        SHA256.hash(data: Array(token.utf8)).withUnsafeBytes { octets in
            withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: octets) }
        }
    }

    /// Reads 64 hexadecimal digits.
    init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = hexValue(digits[index]), let low = hexValue(digits[index + 1]) else { return nil }
            octets.append(high << 4 | low)
        }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: octets) }
    }

    /// The digits, as the file has them.
    package var hex: String {
        withUnsafeBytes(of: words) { octets in
            let digits = Array("0123456789abcdef".utf8)
            return String(
                decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }

    /// Compares without stopping at the first difference.
    func isEqual(_ other: TokenHash) -> Bool {
        (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2) | (words.3 ^ other.words.3)
            == 0
    }

    package static func == (one: TokenHash, other: TokenHash) -> Bool { one.isEqual(other) }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

private func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
