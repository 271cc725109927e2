/// Writes JSON into octets of its own, without whitespace.
///
/// The caller gives the structure (balanced brackets, a key before every member's value); the writer sets commas and
/// escapes. Text comes out as UTF-8, escaped only where RFC 8259 demands it.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []
    /// True when a value stands before the next one inside the same brackets.
    private var needsComma = false

    /// A writer of one text.
    public init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Opens an object.
    public mutating func beginObject() { begin(Octet.beginObject) }
    /// Closes the object opened last.
    public mutating func endObject() { end(Octet.endObject) }
    /// Opens an array.
    public mutating func beginArray() { begin(Octet.beginArray) }
    /// Closes the array opened last.
    public mutating func endArray() { end(Octet.endArray) }

    /// The name of the member whose value comes next.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(Octet.colon)
        needsComma = false
    }

    /// The same for a name that never changes and needs no escapes.
    public mutating func key(fixed name: StaticString) {
        separate()
        bytes.append(Octet.quote)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(Octet.quote)
        bytes.append(Octet.colon)
        needsComma = false
    }

    /// A string.
    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// A string given as its UTF-8.
    public mutating func string(utf8: UnsafeRawBufferPointer) {
        separate()
        bytes.append(Octet.quote)
        appendEscaped(utf8)
        bytes.append(Octet.quote)
    }

    /// A whole number.
    public mutating func integer(_ value: some BinaryInteger) { literal(String(value)) }

    /// The shortest text that reads back as the same double; JSON has no infinities and no NaN: they become null.
    public mutating func double(_ value: Double) { literal(value.isFinite ? value.description : "null") }

    /// True or false.
    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// JSON's null.
    public mutating func null() { literal("null") }

    /// A value that is JSON already; it is not checked.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Forgets what was written and keeps the memory, for the next text.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(Octet.comma) }
        needsComma = true
    }

    private mutating func appendEscaped(_ utf8: UnsafeRawBufferPointer) {
        var position = 0
        while true {
            let end = OctetSearch.firstToEscape(utf8, from: position)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: utf8[position..<end]))
            guard end < utf8.count else { return }
            appendEscape(of: utf8[end])
            position = end &+ 1
        }
    }

    private mutating func appendEscape(of octet: UInt8) {
        bytes.append(Octet.backslash)
        switch octet {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case Octet.lineFeed: bytes.append(UInt8(ascii: "n"))
        case Octet.carriageReturn: bytes.append(UInt8(ascii: "r"))
        case Octet.tab: bytes.append(UInt8(ascii: "t"))
        case ..<Octet.space:
            bytes.append(contentsOf: octet < 0x10 ? "u000".utf8 : "u001".utf8)
            let digit = octet & 0x0F
            bytes.append(digit < 10 ? Octet.zero &+ digit : UInt8(ascii: "a") &+ digit &- 10)
        default: bytes.append(octet)
        }
    }
}
