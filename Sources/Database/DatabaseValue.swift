/// One value that is bound to a statement or read from a column.
///
/// There are exactly the five kinds both engines can hold without loss. Times are integers (milliseconds UTC) and
/// identifiers are integers or text, so that a row means the same wherever it is stored.
package enum DatabaseValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The kind in words, for messages that must not show the value.
    package var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "a text"
        case .blob: "a blob"
        }
    }
}

/// A Swift type that can be stored in one column.
package protocol DatabaseValueConvertible: Sendable {
    /// What is bound to the statement.
    var databaseValue: DatabaseValue { get }

    /// The value back, or nil when the column holds another kind: nothing is converted silently.
    init?(databaseValue: DatabaseValue)
}
