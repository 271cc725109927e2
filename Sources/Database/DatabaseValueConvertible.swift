import Glibc

extension DatabaseValue: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { self }
    package init(databaseValue: DatabaseValue) { self = databaseValue }
}

extension Int64: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .integer(self) }
    package init?(databaseValue: DatabaseValue) {
        guard case .integer(let value) = databaseValue else { return nil }
        self = value
    }
}

extension Int: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .integer(Int64(self)) }
    package init?(databaseValue: DatabaseValue) {
        guard case .integer(let value) = databaseValue else { return nil }
        self.init(exactly: value)
    }
}

/// Neither engine is asked for its own boolean: 0 and 1 in an integer column mean the same in both.
extension Bool: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .integer(self ? 1 : 0) }
    package init?(databaseValue: DatabaseValue) {
        switch databaseValue {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Double: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .real(self) }
    package init?(databaseValue: DatabaseValue) {
        guard case .real(let value) = databaseValue else { return nil }
        self = value
    }
}

/// A store's text has no U+0000, because PostgreSQL's cannot have one: on every engine it becomes U+FFFD, in what is
/// written and in what is asked for.
extension String: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .text(hasNull ? replacing("\0", with: "\u{FFFD}") : self) }

    private var hasNull: Bool {
        utf8.withContiguousStorageIfAvailable { octets in
            octets.baseAddress.map { memchr($0, 0, octets.count) != nil } ?? false
        } ?? utf8.contains(0)
    }

    package init?(databaseValue: DatabaseValue) {
        guard case .text(let value) = databaseValue else { return nil }
        self = value
    }
}

extension [UInt8]: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { .blob(self) }
    package init?(databaseValue: DatabaseValue) {
        guard case .blob(let value) = databaseValue else { return nil }
        self = value
    }
}

extension Optional: DatabaseValueConvertible where Wrapped: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { self?.databaseValue ?? .null }
    package init?(databaseValue: DatabaseValue) {
        if databaseValue == .null {
            self = .none
            return
        }
        guard let value = Wrapped(databaseValue: databaseValue) else { return nil }
        self = value
    }
}

/// Enumerations with raw values and identifiers adopt the protocol with an empty extension.
extension DatabaseValueConvertible where Self: RawRepresentable, RawValue: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { rawValue.databaseValue }
    package init?(databaseValue: DatabaseValue) {
        guard let raw = RawValue(databaseValue: databaseValue) else { return nil }
        self.init(rawValue: raw)
    }
}
