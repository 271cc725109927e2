/// Decides whether a JSON number may become a number cell.
///
/// A number cell is an IEEE double. The number must come back from it with every digit it had: ids must not change. So it
/// stays text if it is an integer of more than 15 digits (Excel shows and keeps no more), if its decimal value is not the
/// one its double is known by, or if it is outside of Excel's range; for libxlsxwriter 1.1.4, which prints `%.16G`, also
/// if 16 digits do not name that double.
enum XLSXNumber {
    /// Decimal digits that every double keeps; also what Excel shows.
    private static let exactDigits = 15
    private static let range = 2.2250738585072014e-308...9.99999999999999e307

    /// The double that stands for the number exactly, or nil if its text has to be kept.
    @inline(__always)
    static func value(of text: UnsafeRawBufferPointer) -> Double? {
        guard let scan = Scan(text) else { return nil }
        if scan.digits <= exactDigits, -22...22 ~= scan.exponent {
            // Both operands are exact, so one IEEE operation rounds correctly (Clinger 1990).
            let mantissa = Double(scan.mantissa)
            let magnitude =
                scan.exponent < 0 ? mantissa / powersOfTen[-scan.exponent] : mantissa * powersOfTen[scan.exponent]
            return scan.isNegative ? -magnitude : magnitude
        }
        if scan.isInteger { return nil }
        return carefulValue(of: text)
    }

    /// True if a number cell may hold the text as it is spelled: no library prints it, so a double's own digits suffice.
    @inline(__always)
    static func isKept(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let scan = Scan(text) else { return false }
        if scan.digits <= exactDigits, -22...22 ~= scan.exponent { return true }
        return !scan.isInteger && roundTripValue(of: text) != nil
    }

    /// Copies a number of the kind that nearly all are: a sign, digits, and maybe a point with digits behind it, no more
    /// digits than every double keeps. False, and anything in the output, if it is another one.
    ///
    /// - Parameter output: has room for the whole text.
    @inline(__always)
    static func copyPlain(_ text: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>) -> Bool {
        let count = text.count
        guard count > 0, count <= exactDigits, let input = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return false
        }
        var position = 0
        if input[0] == UInt8(ascii: "-") {
            output[0] = input[0]
            position = 1
        }
        let whole = position
        copyDigits(input, &position, count, to: output)
        // A zero stands alone.
        guard position > whole, input[whole] != UInt8(ascii: "0") || position == whole + 1 else { return false }
        if position == count { return true }
        guard input[position] == UInt8(ascii: ".") else { return false }
        output[position] = input[position]
        position += 1
        let fraction = position
        copyDigits(input, &position, count, to: output)
        return position == count && position > fraction
    }

    @inline(__always)
    private static func copyDigits(
        _ input: UnsafePointer<UInt8>, _ position: inout Int, _ end: Int, to output: UnsafeMutablePointer<UInt8>
    ) {
        while position < end, input[position] &- UInt8(ascii: "0") <= 9 {
            output[position] = input[position]
            position &+= 1
        }
    }

    /// The double of a text that a number cell may hold as it is spelled, or nil.
    static func keptValue(of text: UnsafeRawBufferPointer) -> Double? {
        if let value = value(of: text) { return value }
        return isKept(text) ? roundTripValue(of: text) : nil
    }

    /// The rare case: more than 15 digits or a large exponent.
    private static func carefulValue(of text: UnsafeRawBufferPointer) -> Double? {
        guard let value = roundTripValue(of: text) else { return nil }
        return Double(NumericLocale.sixteenDigits(of: value)) == value ? value : nil
    }

    /// The double that is known by just these digits, if it is in Excel's range.
    private static func roundTripValue(of text: UnsafeRawBufferPointer) -> Double? {
        let spelling = String(decoding: text, as: UTF8.self)
        guard let value = Double(spelling), value.isFinite else { return nil }
        guard value == 0 || range ~= value.magnitude else { return nil }
        guard let wanted = Decimal(spelling), Decimal(value.description) == wanted else { return nil }
        return value
    }
}

/// What one pass over a number's text finds out.
private struct Scan {
    var isNegative = false
    /// No fraction and no exponent.
    var isInteger = true
    var mantissa: UInt64 = 0
    /// Digits from the first one that is not zero; counts on when the mantissa is full.
    var digits = 0
    /// Power of ten of the mantissa.
    var exponent = 0

    /// Nil if the text is not a number as JSON writes them.
    @inline(__always)
    init?(_ text: UnsafeRawBufferPointer) {
        let end = text.count
        var position = 0
        if position < end, text[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        let wholeStart = position
        let wholeDigits = readDigits(text, &position, end)
        guard wholeDigits == 1 || wholeDigits > 1 && text[wholeStart] != UInt8(ascii: "0") else { return nil }
        if position < end, text[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            let fraction = readDigits(text, &position, end)
            guard fraction > 0 else { return nil }
            exponent = -fraction
        }
        if position < end, text[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            guard let power = Self.readExponent(text, &position, end) else { return nil }
            exponent += power
        }
        guard position == end else { return nil }
    }

    @inline(__always)
    private mutating func readDigits(_ text: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int) -> Int {
        let start = position
        while position < end {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            if digits > 0 || digit > 0 {
                digits += 1
                if digits <= 18 { mantissa = mantissa &* 10 &+ UInt64(digit) }
            }
            position += 1
        }
        return position - start
    }

    private static func readExponent(_ text: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int) -> Int? {
        var isNegative = false
        if position < end, text[position] == UInt8(ascii: "-") || text[position] == UInt8(ascii: "+") {
            isNegative = text[position] == UInt8(ascii: "-")
            position += 1
        }
        let start = position
        var power = 0
        while position < end {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            power = min(power * 10 + Int(digit), 100_000)
            position += 1
        }
        guard position > start else { return nil }
        return isNegative ? -power : power
    }
}

/// Digits and a power of ten, without leading and trailing zeros: two spellings of one value are equal.
private struct Decimal: Equatable {
    var digits: [UInt8] = []
    var exponent = 0

    /// Takes what `Double.description` and JSON write.
    init?(_ spelling: String) {
        var seenPoint = false
        var rest = spelling.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: ".") {
                seenPoint = true
                continue
            }
            if seenPoint { exponent -= 1 }
            if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte) }
        }
        if !rest.isEmpty {
            guard let power = Int(Substring(rest.dropFirst())) else { return nil }
            exponent += power
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { exponent = 0 }
    }
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
