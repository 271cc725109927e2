/// Looks into JSON without decoding it: members and elements as ranges of octets, in order, nothing copied.
///
/// The octets must have passed `JSONValidator`; given others the answers are meaningless (never out of bounds).
/// Values may have whitespace around them; answered ranges have none. All ranges count from the beginning of the
/// buffer that was passed in.
public struct JSONScanner {
    private init() {}

    /// What a value is, told from its first octet.
    public static func kind(of value: UnsafeRawBufferPointer) -> JSONKind {
        let start = endOfWhitespace(value, from: 0)
        guard start < value.count else { return .null }
        switch value[start] {
        case Octet.beginObject: return .object
        case Octet.beginArray: return .array
        case Octet.quote: return .string
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        default: return .number
        }
    }

    /// Calls `body` with every member of an object until it answers false; does nothing for other values.
    ///
    /// The key's range is what stands between its quotes, escapes and all.
    public static func forEachMember(
        of object: UnsafeRawBufferPointer, _ body: (_ key: Range<Int>, _ value: Range<Int>) throws -> Bool
    ) rethrows {
        var position = endOfWhitespace(object, from: 0)
        guard position < object.count, object[position] == Octet.beginObject else { return }
        position = endOfWhitespace(object, from: position &+ 1)
        while position < object.count, object[position] == Octet.quote {
            let keyEnd = endOfString(object, from: position)
            let key = position &+ 1..<max(position &+ 1, keyEnd &- 1)
            let colon = endOfWhitespace(object, from: keyEnd)
            let start = endOfWhitespace(object, from: min(colon &+ 1, object.count))
            let end = endOfValue(object, from: start)
            guard try body(key, start..<end) else { return }
            position = nextItem(object, from: end)
        }
    }

    /// Calls `body` with every element of an array until it answers false; does nothing for other values.
    public static func forEachElement(
        of array: UnsafeRawBufferPointer, _ body: (_ element: Range<Int>) throws -> Bool
    ) rethrows {
        var position = endOfWhitespace(array, from: 0)
        guard position < array.count, array[position] == Octet.beginArray else { return }
        position = endOfWhitespace(array, from: position &+ 1)
        while position < array.count, array[position] != Octet.endArray {
            let end = endOfValue(array, from: position)
            guard end > position, try body(position..<end) else { return }
            position = nextItem(array, from: end)
        }
    }

    /// The value of the first member with this name, compared without escapes; nil if there is none.
    ///
    /// First, not last: it is what Foundation's decoder takes, and two readers of one text must agree.
    public static func member(_ name: String, of object: UnsafeRawBufferPointer) -> Range<Int>? {
        var found: Range<Int>?
        forEachMember(of: object) { key, value in
            guard isEqual(slice(object, key), to: name) else { return true }
            found = value
            return false
        }
        return found
    }

    /// The part of a buffer that a range of it names.
    public static func slice(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// The value itself, without the whitespace around it.
    public static func trimmed(_ value: UnsafeRawBufferPointer) -> Range<Int> {
        let start = endOfWhitespace(value, from: 0)
        var end = value.count
        while end > start, value[end &- 1].isJSONWhitespace { end &-= 1 }
        return start..<end
    }
}
