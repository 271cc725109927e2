/// One value bound to a statement or read from a column.
package enum PostgreSQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

/// The types of the server that are read and written, by their number in `pg_type`.
///
/// Numbers of built-in types never change: `src/include/catalog/pg_type.dat`.
enum TypeID: UInt32 {
    case bool = 16
    case bytea = 17
    case char = 18
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case oid = 26
    case json = 114
    case float4 = 700
    case float8 = 701
    case unknown = 705
    case bpchar = 1042
    case varchar = 1043
    case jsonb = 3802
}

extension PostgreSQLValue {
    /// The type a parameter is declared with; 0 lets the server decide, which suits NULL.
    var parameterType: UInt32 {
        switch self {
        case .null: 0
        case .integer: TypeID.int8.rawValue
        case .real: TypeID.float8.rawValue
        case .text: TypeID.text.rawValue
        case .bytes: TypeID.bytea.rawValue
        }
    }

    /// The value in the server's binary form: integers and doubles big-endian, text in UTF-8. NULL has none.
    var binary: [UInt8]? {
        switch self {
        case .null: nil
        case .integer(let value): Self.bigEndian(UInt64(bitPattern: value))
        case .real(let value): Self.bigEndian(value.bitPattern)
        case .text(let value): Array(value.utf8)
        case .bytes(let value): value
        }
    }

    /// Reads a column in binary form.
    init(binary octets: UnsafeBufferPointer<UInt8>, type: UInt32, column: String) throws(PostgreSQLError) {
        switch TypeID(rawValue: type) {
        case .bool: self = .integer(octets.first == 0 ? 0 : 1)
        case .int2: self = .integer(Int64(Int16(truncatingIfNeeded: Self.number(octets))))
        case .int4: self = .integer(Int64(Int32(truncatingIfNeeded: Self.number(octets))))
        case .oid: self = .integer(Int64(UInt32(truncatingIfNeeded: Self.number(octets))))
        case .int8: self = .integer(Int64(bitPattern: Self.number(octets)))
        case .float4: self = .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: Self.number(octets)))))
        case .float8: self = .real(Double(bitPattern: Self.number(octets)))
        case .text, .varchar, .bpchar, .name, .char, .json, .unknown:
            self = .text(String(decoding: octets, as: UTF8.self))
        // The binary form begins with the number of its version.
        case .jsonb: self = .text(String(decoding: octets.dropFirst(), as: UTF8.self))
        case .bytea: self = .bytes(Array(octets))
        case nil:
            throw PostgreSQLError(
                .decoding, "expected column \(column) to be a number, text or bytea, found type \(type): cast it")
        }
    }

    private static func number(_ octets: UnsafeBufferPointer<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
}
