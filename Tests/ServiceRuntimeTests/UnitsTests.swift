import Testing

@testable import ServiceRuntime

struct UnitsTests {
    @Test(arguments: [("0", 0), ("1000", 1000), ("64KiB", 65_536), ("8MiB", 8 << 20), ("2GiB", 2 << 30)])
    func sizesAreReadAndPrinted(text: String, octets: Int) {
        #expect(ByteSize.octets(text) == octets)
        #expect(ByteSize.octets(ByteSize.text(octets)) == octets)
    }

    @Test(arguments: ["", "KiB", "1.5MiB", "8MB", "99999999999999999999", "9223372036854775807GiB"])
    func otherSizesAreRefused(text: String) {
        #expect(ByteSize.octets(text) == nil)
    }

    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
        ("7d", .seconds(604_800)), ("0s", .zero),
    ])
    func timesAreReadAndPrinted(text: String, duration: Duration) {
        #expect(TimeSpan.duration(text) == duration)
        #expect(TimeSpan.text(duration) == text)
    }

    @Test(arguments: ["", "30", "s", "-1s", "1w", "1.5h"])
    func otherTimesAreRefused(text: String) {
        #expect(TimeSpan.duration(text) == nil)
    }
}
