/// Reads the XML of S3's answers, and of XML only what those need.
///
/// The store may be anybody's: document types are refused, so that there are no entities to expand and none to fetch;
/// depth and number of elements are limited, the octets are by whoever fetched them.
struct XMLReader {
    static let depthMax = 16
    static let elementsMax = 50_000

    private let octets: [UInt8]
    private var position = 0
    private var open: [XMLElement] = []
    private var elements = 0

    private init(_ octets: [UInt8]) { self.octets = octets }

    /// The document's element; what stands behind it is not looked at.
    static func read(_ octets: [UInt8]) throws(XMLFault) -> XMLElement {
        var reader = XMLReader(octets)
        while reader.position < octets.count {
            if let complete = try reader.step() { return complete }
        }
        throw .malformed
    }

    /// Reads text or one tag; answers the document's element when it is complete.
    private mutating func step() throws(XMLFault) -> XMLElement? {
        guard octets[position] == UInt8(ascii: "<") else {
            let end = find("<") ?? octets.count
            try append(try unescaped(take(to: end)))
            return nil
        }
        position += 1
        if skips("?") {
            try skip(past: "?>")
        } else if skips("!--") {
            try skip(past: "-->")
        } else if skips("![CDATA[") {
            try character()
        } else if skips("!") {
            throw .documentType
        } else if skips("/") {
            return try close()
        } else {
            return try start()
        }
        return nil
    }

    private mutating func character() throws(XMLFault) {
        guard let end = find("]]>") else { throw .malformed }
        try append(try text(take(to: end)))
        try skip(past: "]]>")
    }

    private mutating func start() throws(XMLFault) -> XMLElement? {
        let tag = try takeTag()
        elements += 1
        guard elements <= Self.elementsMax, open.count < Self.depthMax else { throw .tooLarge }
        let isEmpty = tag.last == UInt8(ascii: "/")
        open.append(XMLElement(name: try localName(tag)))
        return isEmpty ? end() : nil
    }

    private mutating func close() throws(XMLFault) -> XMLElement? {
        guard try localName(takeTag()) == open.last?.name else { throw .malformed }
        return end()
    }

    /// The innermost open element is complete.
    private mutating func end() -> XMLElement? {
        let element = open.removeLast()
        guard !open.isEmpty else { return element }
        open[open.count - 1].children.append(element)
        return nil
    }

    private mutating func append(_ text: String) throws(XMLFault) {
        if !open.isEmpty {
            open[open.count - 1].text += text
        } else if !text.utf8.allSatisfy(Self.isSpace) {
            throw .malformed
        }
    }

    private func localName(_ tag: ArraySlice<UInt8>) throws(XMLFault) -> String {
        let name = try text(tag.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: "/") })
        guard let local = name.split(separator: ":", maxSplits: 1).last else { throw .malformed }
        return String(local)
    }

    /// What stands before the tag's `>`, quoted ones passed over.
    private mutating func takeTag() throws(XMLFault) -> ArraySlice<UInt8> {
        var quote: UInt8?
        for index in position..<octets.count {
            let octet = octets[index]
            if octet == quote {
                quote = nil
            } else if quote == nil, octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") {
                quote = octet
            } else if quote == nil, octet == UInt8(ascii: ">") {
                defer { position = index + 1 }
                return octets[position..<index]
            }
        }
        throw .malformed
    }

    private mutating func take(to end: Int) -> ArraySlice<UInt8> {
        defer { position = end }
        return octets[position..<end]
    }

    private func find(_ mark: String) -> Int? {
        let mark = Array(mark.utf8)
        guard octets.count - position >= mark.count else { return nil }
        return (position...octets.count - mark.count).first { index in
            octets[index] == mark[0] && octets[index..<index + mark.count].elementsEqual(mark)
        }
    }

    private mutating func skip(past mark: String) throws(XMLFault) {
        guard let start = find(mark) else { throw .malformed }
        position = start + mark.utf8.count
    }

    private mutating func skips(_ mark: String) -> Bool {
        guard octets[position...].starts(with: mark.utf8) else { return false }
        position += mark.utf8.count
        return true
    }

    private func text(_ octets: ArraySlice<UInt8>) throws(XMLFault) -> String {
        guard let text = String(validating: octets, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    /// The five entities that XML has by itself, and characters by number; without a document type there are no others.
    private func unescaped(_ octets: ArraySlice<UInt8>) throws(XMLFault) -> String {
        let pieces = octets.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        var result = try text(pieces[0])
        for piece in pieces.dropFirst() {
            guard let end = piece.firstIndex(of: UInt8(ascii: ";")),
                let scalar = Self.scalar(try text(piece[..<end]))
            else { throw .unknownEntity }
            result.unicodeScalars.append(scalar)
            result += try text(piece[(end + 1)...])
        }
        return result
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
            return UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10).flatMap(Unicode.Scalar.init)
        }
    }

    private static func isSpace(_ octet: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(octet) }
}
