/// The forms a setting's value may have.
extension SettingForm where Value == String {
    package static var text: Self {
        Self(allowed: "a text", parse: { $0 }, print: { $0 })
    }

    package static func oneOf(_ words: [String]) -> Self {
        Self(
            allowed: "one of " + words.joined(separator: ", "),
            parse: { words.contains($0) ? $0 : nil }, print: { $0 })
    }
}

extension SettingForm where Value == Bool {
    package static var boolean: Self {
        Self(
            allowed: "true or false",
            parse: { text in
                switch text.lowercased() {
                case "true", "yes", "on", "1": true
                case "false", "no", "off", "0": false
                default: nil
                }
            },
            print: { $0 ? "true" : "false" })
    }
}

extension SettingForm where Value == Int {
    package static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
            print: { String($0) })
    }

    /// Octets, with the binary units: `65536`, `64KiB`, `8MiB`, `2GiB`.
    package static func bytes(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed:
                "a size from \(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound)), such as 64KiB",
            parse: { text in ByteSize.octets(text).flatMap { range.contains($0) ? $0 : nil } },
            print: ByteSize.text)
    }
}

extension SettingForm where Value == Duration {
    /// A time with its unit: `250ms`, `30s`, `5m`, `2h`, `7d`.
    package static func duration(_ range: ClosedRange<Duration>) -> Self {
        Self(
            allowed:
                "a time from \(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound)), such as 30s",
            parse: { text in TimeSpan.duration(text).flatMap { range.contains($0) ? $0 : nil } },
            print: TimeSpan.text)
    }
}

extension SettingForm where Value == [String] {
    /// Several values, comma-separated in the environment; in a file a list will do as well.
    package static func list(of what: String, accepts: @escaping @Sendable (String) -> Bool = { _ in true }) -> Self {
        Self(
            allowed: "a comma-separated list of \(what)",
            parse: { text in
                let items = text.split(separator: ",").map(trimmed).filter { !$0.isEmpty }
                return items.allSatisfy(accepts) ? items : nil
            },
            print: { $0.joined(separator: ",") })
    }
}

extension SettingForm where Value == [Duration] {
    package static var durations: Self {
        Self(
            allowed: "a comma-separated list of times, such as 0s,5s,5m",
            parse: { text in
                let spans = text.split(separator: ",").map { TimeSpan.duration(trimmed($0)) }
                return spans.contains(nil) ? nil : spans.compactMap { $0 }
            },
            print: { $0.map(TimeSpan.text).joined(separator: ",") })
    }
}

private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}
