/// Reads a file of tokens, line by line.
struct TokenFileParser {
    let path: String

    func entries() throws -> [TokenFile.Entry] {
        let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
        var entries: [TokenFile.Entry] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            entries.append(try entry(name, words.dropFirst(), line: index + 1))
        }
        guard entries.count <= TokenFile.entriesMax else {
            throw SecurityFileError(path, "expected at most \(TokenFile.entriesMax) tokens, found \(entries.count)")
        }
        guard Set(entries.map(\.hash)).count == entries.count else {
            throw SecurityFileError(path, "expected each hash once: two callers would be one")
        }
        return entries
    }

    private func entry(_ name: Substring, _ rest: ArraySlice<Substring>, line: Int) throws -> TokenFile.Entry {
        guard CallerName.isAcceptable(name) else {
            throw SecurityFileError("\(path):\(line)", "expected a name of \(CallerName.allowed)")
        }
        guard let digits = rest.first, let hash = TokenHash(hex: digits) else {
            throw SecurityFileError(
                "\(path):\(line)", "expected NAME and the SHA-256 of a token in 64 hexadecimal digits")
        }
        return TokenFile.Entry(name: String(name), scopes: Set(rest.dropFirst().map(String.init)), hash: hash)
    }
}

/// Names of callers stand in logs and in JSON; they need neither escapes nor quotes.
package enum CallerName {
    package static let allowed = "1 to 64 letters, digits and '-', '_', '.', '@'"

    package static func isAcceptable(_ name: some StringProtocol) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "@"):
                    true
                default: false
                }
            }
    }
}
