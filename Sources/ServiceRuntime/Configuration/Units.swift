/// Sizes as people write them, in the binary units of IEC 80000-13.
enum ByteSize {
    private static let units: [(suffix: String, octets: Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

    static func octets(_ text: String) -> Int? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = Int(text.dropLast(unit.suffix.count)) else { return nil }
            let (octets, overflow) = count.multipliedReportingOverflow(by: unit.octets)
            return overflow ? nil : octets
        }
        return Int(text)
    }

    static func text(_ octets: Int) -> String {
        for unit in units where octets != 0 && octets.isMultiple(of: unit.octets) {
            return "\(octets / unit.octets)\(unit.suffix)"
        }
        return String(octets)
    }
}

/// Times as people write them: a whole number and its unit.
enum TimeSpan {
    /// Longest suffix first, so that `ms` is not read as `s`.
    private static let units: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]

    static func duration(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = Int(text.dropLast(unit.suffix.count)), count >= 0 else { return nil }
            let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
            return overflow ? nil : .milliseconds(milliseconds)
        }
        return nil
    }

    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
        if milliseconds == 0 { return "0s" }
        let largestFirst = units.sorted { $0.milliseconds > $1.milliseconds }
        for unit in largestFirst where milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}
