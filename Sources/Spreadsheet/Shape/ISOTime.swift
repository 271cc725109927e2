/// A point of time as ISO 8601 writes it, `2024-02-29T12:30:00.5+08:00`; time and offset may be missing.
struct ISOTime {
    /// Milliseconds since 1970 as if the fields were UTC.
    private(set) var milliseconds: Int
    /// What the text says about its own offset from UTC, in seconds.
    private(set) var offset: Int?

    /// Nil for any other text.
    init?(_ text: UnsafeRawBufferPointer) {
        var reader = Reader(text: text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), (1...Self.days(of: month, in: year)).contains(day)
        else { return nil }
        milliseconds = Self.days(year: year, month: month, day: day) * 86_400_000
        if reader.isAtEnd { return }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        milliseconds += (hour * 60 + minute) * 60_000
        if reader.take(":") {
            // A leap second is the last one of its minute.
            guard let second = reader.number(2), second <= 60 else { return nil }
            milliseconds += min(second, 59) * 1_000
            if reader.take(".") || reader.take(",") {
                guard let fraction = reader.fraction() else { return nil }
                milliseconds += fraction
            }
        }
        if reader.isAtEnd { return }
        guard let found = reader.offset(), reader.isAtEnd else { return nil }
        offset = found
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        let text: UnsafeRawBufferPointer
        var position = 0

        init(text: UnsafeRawBufferPointer) { self.text = text }

        var isAtEnd: Bool { position == text.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private mutating func digit() -> Int? {
            guard position < text.count, (0x30...0x39).contains(text[position]) else { return nil }
            position += 1
            return Int(text[position - 1]) - 0x30
        }

        mutating func number(_ digits: Int) -> Int? {
            var number = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// Milliseconds; further digits are dropped.
        mutating func fraction() -> Int? {
            guard var number = digit() else { return nil }
            number *= 100
            var weight = 10
            while let digit = digit() {
                number += digit * weight
                weight /= 10
            }
            return number
        }

        /// `Z`, `+08:00`, `+0800`, `+08`
        mutating func offset() -> Int? {
            if take("Z") || take("z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+"), let hours = number(2), hours < 24 else { return nil }
            _ = take(":")
            let minutes = isAtEnd ? 0 : number(2)
            guard let minutes, minutes < 60 else { return nil }
            return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
    }
}
