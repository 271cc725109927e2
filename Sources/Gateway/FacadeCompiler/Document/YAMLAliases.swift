/// Counts the aliases of a YAML text before it is composed.
///
/// The library compares the keys of a mapping with all they hold, aliases followed: a few dozen of them, each several
/// times in the next one's node, keep it busy for hours. Text in which a `*` means something else is counted only if
/// the text also has an anchor of that name, so a document without anchors never has too many.
enum YAMLAliases {
    /// With so many the largest tree has some hundred thousand nodes.
    static let countMax = 32

    /// The line of the first alias that is too many.
    static func lineAboveLimit(in text: String) -> Int? {
        let anchors = Set(names(after: UInt8(ascii: "&"), in: text).map(\.name))
        guard !anchors.isEmpty else { return nil }
        let aliases = names(after: UInt8(ascii: "*"), in: text).filter { anchors.contains($0.name) }
        return aliases.count > countMax ? aliases[countMax].line : nil
    }

    private static func names(after mark: UInt8, in text: String) -> [(name: Substring, line: Int)] {
        var found: [(name: Substring, line: Int)] = []
        var line = 1
        for index in text.utf8.indices {
            if text.utf8[index] == UInt8(ascii: "\n") { line += 1 }
            guard text.utf8[index] == mark else { continue }
            let name = text[text.utf8.index(after: index)...].utf8.prefix(while: isOfName)
            if !name.isEmpty { found.append((Substring(name), line)) }
        }
        return found
    }

    /// What libyaml takes for the name of an anchor.
    private static func isOfName(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
