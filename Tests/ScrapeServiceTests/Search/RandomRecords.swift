import JSONBytes
import TestSupport

/// Results with everything in them that could mislead an index, and queries about them.
enum RandomRecords {
    private static let pieces = [
        "tesla", "Tesla", "TESLA", "is", "the", "future", "a", "b", "ab", "aab", "未来", "特斯拉", "の", "カタカナ", "ภาษาไทย",
        "한국어", "🚀", "👨‍👩‍👧", "é", "e\u{301}", "ÀÉ", "Straße", "ΣΊΣΥΦΟΣ", "İstanbul", "K", "ꙀꙁꜲ", "Ⴀ", "𠮷野", "ｆｕｌｌ",
        "#tag", "@user", "elon_musk", "https://t.co/AbC1", "%", "_", "*", "\"", "'", "\\", "--", "%%",
        "'; DROP TABLE x",
        "AND", "OR 1=1", "NEAR(", "^", "$1", "\n", "\t", " ", "  ", "\u{0}", "\u{1}", "3456", "-1.5", "true", "null",
        "1e5",
        "!", "...", "，", "。", "١٢",
    ]
    private static let names = [
        "id", "text", "username", "name", "lang", "tags", "user", "count", "a", "a.b", "\"", "é", "",
    ]
    private static let separators = ["", " ", " ", " ", "-", "/", ", "]

    static func data(count: Int, _ random: inout SeededGenerator) -> [JSONValue] {
        (0..<count).map { _ in object(depth: 0, &random) }
    }

    private static func object(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        var members: [JSONMember] = []
        for name in names.shuffled(using: &random).prefix(.random(in: 0...6, using: &random)) {
            // Names that make a result one that no index tells the truth about are rare.
            if name == "a.b" || name == "\"", random.chance(percent: 90) { continue }
            members.append(JSONMember(name, value(depth: depth + 1, &random)))
        }
        return .object(members)
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<12, using: &random) {
        case 0 where depth < 4: object(depth: depth, &random)
        case 1 where depth < 4: object(depth: depth, &random)
        case 2 where depth < 4:
            .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1, &random) })
        case 3: .bool(.random(using: &random))
        case 4: .null
        case 5: .number(["3456", "-1.5", "0", "1E5", "7"].randomElement(using: &random) ?? "0")
        default: .string(text(&random))
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            text += pieces.randomElement(using: &random) ?? ""
            text += separators.randomElement(using: &random) ?? ""
        }
        return text
    }

    /// Pairs that look for a part of what is there, mostly.
    static func query(of records: [JSONValue], _ random: inout SeededGenerator) -> String {
        var pairs: [String] = []
        for _ in 0..<(random.chance(percent: 25) ? 2 : 1) {
            var path: [String] = []
            var texts: [String] = []
            records.randomElement(using: &random).map { walk($0, &path, &texts, &random) }
            var key = path.suffix(random.chance(percent: 70) ? 1 : 2).joined(separator: ".")
            if random.chance(percent: 10) { key = "data." + key }
            let text = texts.first ?? ""
            let whole = random.chance(percent: 10) ? pieces.randomElement(using: &random) ?? "" : text
            let part = random.chance(percent: 15) ? whole : piece(of: whole, &random)
            pairs.append("\(key):\(random.chance(percent: 30) ? part.uppercased() : part)")
        }
        if random.chance(percent: 5) { pairs.append("metadata.task_type:user_t") }
        return pairs.joined(separator: ",")
    }

    private static func piece(of text: String, _ random: inout SeededGenerator) -> String {
        let scalars = Array(text.unicodeScalars)
        guard !scalars.isEmpty else { return "x" }
        let start = Int.random(in: 0..<scalars.count, using: &random)
        let count = Int.random(in: 1...min(8, scalars.count - start), using: &random)
        var piece = String.UnicodeScalarView()
        piece.append(contentsOf: scalars[start..<start + count])
        return String(piece)
    }

    /// Goes some way into a record: names, and the text of what is there.
    private static func walk(
        _ value: JSONValue, _ path: inout [String], _ texts: inout [String], _ random: inout SeededGenerator
    ) {
        if let member = value.members?.randomElement(using: &random) {
            path.append(member.key)
            walk(member.value, &path, &texts, &random)
        } else if let element = value.elements?.randomElement(using: &random) {
            walk(element, &path, &texts, &random)
        } else if let text = value.string {
            texts.append(text)
        } else {
            texts.append(value.description)
        }
    }
}
