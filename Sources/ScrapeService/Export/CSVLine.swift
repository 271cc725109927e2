import JSONBytes
import Spreadsheet

/// Lines of RFC 4180 made of JSON values: commas, CR LF, quotes where needed and doubled inside.
struct CSVLine {
    private(set) var octets: [UInt8] = []
    /// Texts that a spreadsheet would run as a formula get an apostrophe in front, as in `CSVOptions`.
    private let guardsFormulas: Bool
    private var isFirst = true

    init(guardsFormulas: Bool) { self.guardsFormulas = guardsFormulas }

    mutating func field(_ text: String) {
        separate()
        append(text: Array(text.utf8))
    }

    /// A text without its quotes and escapes, anything else as it is written; null is empty.
    mutating func field(json value: UnsafeRawBufferPointer?) {
        separate()
        guard let value else { return }
        switch JSONScanner.kind(of: value) {
        case .null: return
        case .string:
            let text = UnsafeRawBufferPointer(rebasing: value[1..<max(1, value.count - 1)])
            if text.contains(UInt8(ascii: "\\")) {
                var plain: [UInt8] = []
                JSONScanner.appendUnescaped(text, to: &plain)
                append(text: plain)
            } else {
                append(text: text)
            }
        default: append(value, isGuarded: false)
        }
    }

    private mutating func append(text: some Collection<UInt8>) {
        append(text, isGuarded: guardsFormulas && text.first.map(CSVOptions.startsFormula) == true)
    }

    mutating func end() {
        octets.append(0x0D)
        octets.append(0x0A)
        isFirst = true
    }

    mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

    private mutating func separate() {
        if !isFirst { octets.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    private mutating func append(_ text: some Collection<UInt8>, isGuarded: Bool) {
        let isQuoted = text.contains(where: Self.needsQuotes)
        if isQuoted { octets.append(UInt8(ascii: "\"")) }
        if isGuarded { octets.append(UInt8(ascii: "'")) }
        guard isQuoted else { return octets.append(contentsOf: text) }
        for octet in text {
            if octet == UInt8(ascii: "\"") { octets.append(octet) }
            octets.append(octet)
        }
        octets.append(UInt8(ascii: "\""))
    }

    private static func needsQuotes(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\"") || octet == UInt8(ascii: ",") || octet == 0x0D || octet == 0x0A
    }
}
