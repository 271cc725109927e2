/// Makes documents and damages them, the same for the same seed.
struct RandomDocument {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    /// A valid document of a few levels.
    mutating func document() -> [UInt8] {
        var output: [UInt8] = []
        append(levels: 3, to: &output)
        return output
    }

    /// The document with up to three octets replaced, removed, doubled or swapped; sometimes as it was.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        var result = document
        for _ in 0..<below(4) where !result.isEmpty {
            let position = below(result.count)
            switch below(5) {
            case 0: result[position] = Self.suspects[below(Self.suspects.count)]
            case 1: result.remove(at: position)
            case 2: result.insert(Self.suspects[below(Self.suspects.count)], at: position)
            case 3: result.swapAt(position, below(result.count))
            default: result.removeLast(below(result.count))
            }
        }
        return result
    }

    /// Some places to cut at, in order.
    mutating func cuts(of document: [UInt8]) -> [Int] {
        (0..<below(6)).map { _ in below(document.count + 1) }.sorted()
    }

    /// Octets that change the meaning of others most often.
    private static let suspects =
        Array("{}[]\",:\\/-+.eE0123456789truefalsn \t\n".utf8) + [0x01, 0x80, 0xC3, 0xE6, 0xF0, 0xFF]

    private static let scalars = [
        "0", "-1", "12.5", "1e3", "-0.25E-2", "true", "false", "null", #""""#, #""a\nb""#, #""汉字 é 😀""#,
        #""\u0041\/\"\\""#, "\"plain text of more than eight octets\"", "123456789",
    ]

    private mutating func append(levels: Int, to output: inout [UInt8]) {
        whitespace(&output)
        switch levels == 0 ? 3 : below(4) {
        case 0: container("[", "]", &output) { random, output in random.append(levels: levels - 1, to: &output) }
        case 1:
            var names = 0
            container("{", "}", &output) { random, output in
                names += 1
                output += "\"k\(names)\"".utf8
                random.whitespace(&output)
                output += ":".utf8
                random.append(levels: levels - 1, to: &output)
            }
        default: output += Self.scalars[below(Self.scalars.count)].utf8
        }
        whitespace(&output)
    }

    private mutating func container(
        _ open: String, _ close: String, _ output: inout [UInt8], _ item: (inout Self, inout [UInt8]) -> Void
    ) {
        output += open.utf8
        for index in 0..<below(4) {
            if index > 0 { output += ",".utf8 }
            item(&self, &output)
        }
        output += close.utf8
    }

    private mutating func whitespace(_ output: inout [UInt8]) {
        if below(6) == 0 { output.append(Array(" \t\r\n".utf8)[below(4)]) }
    }

    /// A number from 0 up to `limit`, by xorshift.
    private mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % limit
    }
}
