/// Name and labels of one series, already in the characters that the text format allows.
struct SeriesKey: Hashable, Comparable {
    let name: String
    /// `a="1",b="2"`, values escaped.
    let labels: String

    init(label: String, dimensions: [(String, String)]) {
        name = Self.identifier(label)
        labels = dimensions.map { "\(Self.identifier($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.name, left.labels) < (right.name, right.labels)
    }

    private static func identifier(_ text: String) -> String {
        let characters = text.unicodeScalars.map { scalar -> Character in
            let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isAllowed ? Character(scalar) : "_"
        }
        return String(characters)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n", "\r\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
