import Testing

@testable import Spreadsheet

struct XLSXNumberTests {
    private func value(_ text: String) -> Double? {
        Array(text.utf8).withUnsafeBytes { XLSXNumber.value(of: $0) }
    }

    @Test(
        "a number of up to 15 digits is a number cell",
        arguments: [
            "0", "-0", "0.0", "7", "-7", "0.1", "0.3", "9.95", "123456789012345", "-999999999999999", "0.000001",
            "1e22", "1E+5", "1e-5", "123456.789012345", "8.41e-10", "5e300", "1e-300", "1.2345678901234500000",
        ])
    func numbers(text: String) {
        #expect(value(text) == Double(text))
    }

    @Test(
        "what would lose a digit, or is no number, is not",
        arguments: [
            "1234567890123456", "1000000000000000", "0.30000000000000004", "1.0000000000000002", "2.718281828459045235",
            "1e309", "1e308", "1e-309", "4.9e-324", "1e99999999999", "", "-", ".", "1.", ".5", "01", "-01", "1e", "1e+",
            "+1", "0x1", "1 ", " 1", "nan", "inf", "1,5", "--1",
        ])
    func texts(text: String) {
        #expect(value(text) == nil)
    }

    @Test("whatever becomes a number cell has the value of its text and is printed by 16 digits")
    func randomNumbers() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let mantissa = UInt64.random(in: 0..<1_000_000_000_000_000_000, using: &random)
            let digits = String(String(mantissa).prefix(Int.random(in: 1...18, using: &random)))
            let text = "\(digits)\(Bool.random() ? "" : ".5")e\(Int.random(in: -40...40, using: &random))"
            guard let value = value(text) else { continue }
            #expect(value == Double(text))
            #expect(Double(NumericLocale.sixteenDigits(of: value)) == value)
        }
    }

    @Test("a plain number is copied as it is, and is one that may be kept")
    func plainNumbers() {
        func copy(_ text: String) -> (isPlain: Bool, copy: String) {
            var output = [UInt8](repeating: 0, count: text.utf8.count)
            let isPlain = output.withUnsafeMutableBufferPointer { output in
                Array(text.utf8).withUnsafeBytes { text in
                    // No memory, no number.
                    output.baseAddress.map { XLSXNumber.copyPlain(text, to: $0) } ?? false
                }
            }
            return (isPlain, String(decoding: output, as: UTF8.self))
        }
        for text in ["0", "-0", "0.5", "-12.25", "123456789012345", "7", "10", "1.0"] {
            #expect(copy(text) == (true, text))
        }
        for text in [
            "", "-", "00", "01", "-01", "1.", ".5", "1e5", "+1", "1.2.3", " 1", "1 ", "1-", "1234567890123456", "a",
        ] {
            #expect(!copy(text).isPlain, "\(text)")
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 1...17, using: &random)).map { _ in "0123456789.-e".randomElement()! })
            let isKept = Array(text.utf8).withUnsafeBytes { XLSXNumber.isKept($0) }
            if copy(text).isPlain { #expect(isKept && copy(text).copy == text, "\(text)") }
        }
    }
}
