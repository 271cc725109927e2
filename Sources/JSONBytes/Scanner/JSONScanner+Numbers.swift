/// Numbers as values.
extension JSONScanner {
    /// The value of a number written without fraction and exponent, nil when it is written otherwise or does not fit.
    public static func integer(_ number: UnsafeRawBufferPointer) -> Int? {
        let digits = slice(number, trimmed(number))
        let isNegative = digits.first == Octet.minus
        let start = isNegative ? 1 : 0
        guard start < digits.count else { return nil }
        var value = 0
        for position in start..<digits.count {
            guard digits[position].isDigit else { return nil }
            // Counts downward from zero: Int.min has no positive counterpart.
            let (product, tooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = product.subtractingReportingOverflow(Int(digits[position] &- Octet.zero))
            guard !tooLong, !tooLarge else { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The double nearest to a number, nil when the text is no number or beyond what a double holds.
    public static func double(_ number: UnsafeRawBufferPointer) -> Double? {
        let text = slice(number, trimmed(number))
        guard kind(of: text) == .number, let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
        else { return nil }
        return value
    }
}
