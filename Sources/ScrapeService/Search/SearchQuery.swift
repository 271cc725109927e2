/// The documented form of a search, `key1:value1,key2:value2`: all pairs have to hold.
struct SearchQuery: Hashable, Sendable {
    struct Pair: Hashable, Sendable {
        /// Names from the outside inwards, below `data`.
        let path: [String]
        let value: SearchValue
    }

    /// Names of a path; deeper than any record.
    private static let depthMax = 16

    /// Pairs about the data.
    private(set) var data: [Pair] = []
    /// Pairs about where a result comes from: names of the metadata, and parts of their values.
    private(set) var metadata: [Pair] = []

    /// Nil when no part of the text is a pair.
    init?(_ text: String) {
        for part in text.split(separator: ",") {
            guard let colon = part.firstIndex(of: ":") else { continue }
            let key = Self.trimmed(part[..<colon])
            let value = Self.trimmed(part[part.index(after: colon)...])
            var path = key.split(separator: ".").map(String.init)
            guard !path.isEmpty, !value.isEmpty, path.count <= Self.depthMax else { continue }
            if path.count > 1, path[0] == "metadata" {
                metadata.append(Pair(path: Array(path.dropFirst()), value: SearchValue(value)))
            } else {
                if path.count > 1, path[0] == "data" { path.removeFirst() }
                data.append(Pair(path: path, value: SearchValue(value)))
            }
        }
        if data.isEmpty && metadata.isEmpty { return nil }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// What a text has to hold, in any case.
struct SearchValue: Hashable, Sendable {
    /// In `CaseFolding`'s form.
    let octets: [UInt8]
    /// Whether case matters for its ASCII letters only, as in all of Chinese: texts need not be folded then.
    private let comparesOctets: Bool

    init(_ text: String) {
        octets = CaseFolding.folded(text)
        comparesOctets = String(decoding: octets, as: UTF8.self).unicodeScalars
            .allSatisfy { $0.isASCII || !$0.properties.isCased }
    }

    /// Whether a text, given as UTF-8, holds it.
    func isIn(_ text: UnsafeRawBufferPointer) -> Bool {
        if comparesOctets { return isInFolding(text) }
        var folded: [UInt8] = []
        CaseFolding.append(text, to: &folded)
        return folded.withUnsafeBytes(isInFolding)
    }

    /// Folds letters of ASCII on the way.
    private func isInFolding(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = octets.first, text.count >= octets.count else { return false }
        for start in 0...text.count - octets.count where CaseFolding.folded(text[start]) == first {
            var length = 1
            while length < octets.count, CaseFolding.folded(text[start + length]) == octets[length] { length += 1 }
            if length == octets.count { return true }
        }
        return false
    }

    /// Whether it is the whole text of a number or a boolean.
    func isEqual(to text: UnsafeRawBufferPointer) -> Bool {
        text.count == octets.count && zip(text, octets).allSatisfy { CaseFolding.folded($0) == $1 }
    }
}
