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
}
