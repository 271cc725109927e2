import Testing

@testable import ServiceRuntime

struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_125, "2023-11-14T22:13:20.125Z"),
        (951_782_400_001, "2000-02-29T00:00:00.001Z"),
    ])
    func isWrittenAsRFC3339InUTC(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }
}
