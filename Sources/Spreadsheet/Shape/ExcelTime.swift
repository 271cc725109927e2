import Foundation

/// Points of time as Excel counts them: days since 1899-12-30, without a zone.
struct ExcelTime {
    /// Excel believes in a 29 February 1900: only from the first of March on its days are everybody's.
    private static let daysMin = 61
    /// 9999-12-31
    private static let daysMax = 2_958_465
    /// Of 1970-01-01.
    private static let epoch = 25_569
    /// Numbers from here on are milliseconds; as seconds they would be after the year 5138.
    private static let millisecondsMin = 100_000_000_000

    private let zone: TimeZone?
    private let isDate: Bool

    /// - Parameter zone: The zone whose clocks the sheet shows; nil shows times as they are written, and instants in UTC.
    init(zone: String?, isDate: Bool) {
        self.zone = zone.flatMap { TimeZone(identifier: $0) }
        self.isDate = isDate
    }

    static func isZone(_ name: String) -> Bool { TimeZone(identifier: name) != nil }

    /// Writes the day's number with its fraction; answers its length, 0 for a text that is no time.
    func write(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        guard let time = ISOTime(text) else { return 0 }
        guard let offset = time.offset else { return write(local: time.milliseconds, into: output) }
        let instant = time.milliseconds - offset * 1_000
        return write(local: zone.map { Self.local(instant, in: $0) } ?? time.milliseconds, into: output)
    }

    /// The same for seconds or milliseconds since 1970.
    func write(unix text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        guard let number = Double(String(decoding: text, as: UTF8.self)), number.magnitude < 1e15 else { return 0 }
        let isMilliseconds = number.magnitude >= Double(Self.millisecondsMin)
        let instant = Int((isMilliseconds ? number : number * 1_000).rounded())
        return write(local: zone.map { Self.local(instant, in: $0) } ?? instant, into: output)
    }

    private static func local(_ milliseconds: Int, in zone: TimeZone) -> Int {
        milliseconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1_000)) * 1_000
    }

    /// Nine digits of a day are less than a millisecond; with the day's five they stay exact.
    private func write(local milliseconds: Int, into output: UnsafeMutableRawBufferPointer) -> Int {
        let dayLength = 86_400_000
        let rest = ((milliseconds % dayLength) + dayLength) % dayLength
        let days = (milliseconds - rest) / dayLength + Self.epoch
        guard (Self.daysMin...Self.daysMax).contains(days) else { return 0 }
        var text = String(days)
        let billionths = isDate ? 0 : (rest * 1_000_000_000 + dayLength / 2) / dayLength
        if billionths > 0 {
            let digits = String(billionths)
            text += "." + String(repeating: "0", count: 9 - digits.count) + digits
            while text.hasSuffix("0") { text.removeLast() }
        }
        text.utf8.withContiguousStorageIfAvailable { output.copyBytes(from: $0) }
        return text.utf8.count
    }
}
