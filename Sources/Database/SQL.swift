/// A statement and the values bound to it.
///
/// Written as a string literal; whatever is interpolated becomes a bound parameter, so the text of a statement never
/// contains a value and injection has no place to start:
///
///     try transaction.query("SELECT state FROM jobs WHERE id = \(id)")
///
/// Parameters are written `$1`, `$2`, … in the order of their appearance, which both engines read.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    /// The text between the parameters: always one piece more than there are arguments.
    private var pieces: [String]
    package private(set) var arguments: [DatabaseValue]

    package init(stringLiteral text: StaticString) {
        pieces = [text.description]
        arguments = []
    }

    package init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

    private init() {
        pieces = [""]
        arguments = []
    }

    /// The text the engine prepares.
    package var text: String {
        if arguments.isEmpty { return pieces[0] }
        var text = pieces[0]
        text.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + 3 })
        for number in 1..<pieces.count {
            text += "$"
            text += String(number)
            text += pieces[number]
        }
        return text
    }

    /// The same statement with other words for some of its own; values stay.
    func replacing(_ words: [(String, String)]) -> SQL {
        var changed = self
        for (word, other) in words { changed.pieces = changed.pieces.map { $0.replacing(word, with: other) } }
        return changed
    }

    private mutating func append(text: String) { pieces[pieces.count - 1] += text }

    private mutating func append(_ value: DatabaseValue) {
        arguments.append(value)
        pieces.append("")
    }

    private mutating func append(_ other: SQL) {
        append(text: other.pieces[0])
        for (argument, piece) in zip(other.arguments, other.pieces.dropFirst()) {
            append(argument)
            append(text: piece)
        }
    }
}

extension SQL {
    /// What may stand between `\(` and `)`.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL()

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.pieces.reserveCapacity(interpolationCount + 1)
            sql.arguments.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) { sql.append(text: literal.description) }

        package mutating func appendInterpolation(_ value: some DatabaseValueConvertible) {
            sql.append(value.databaseValue)
        }

        /// nil is bound as NULL.
        package mutating func appendInterpolation<Value: DatabaseValueConvertible>(_ value: Value?) {
            sql.append(value?.databaseValue ?? .null)
        }

        /// A fragment known when the program is compiled, such as a table's name.
        package mutating func appendInterpolation(raw fragment: StaticString) {
            sql.append(text: fragment.description)
        }

        /// Another statement with its own parameters.
        package mutating func appendInterpolation(_ fragment: SQL) { sql.append(fragment) }

        /// What follows `VALUES`: a row for each list of values, all of one length.
        package mutating func appendInterpolation(rows: [[DatabaseValue]]) {
            for (index, row) in rows.enumerated() {
                sql.append(text: index == 0 ? "(" : ", (")
                for (index, value) in row.enumerated() {
                    if index > 0 { sql.append(text: ", ") }
                    sql.append(value)
                }
                sql.append(text: ")")
            }
        }

        /// What follows `VALUES`: a row of one column for each value, the last one repeated as in a `list`.
        package mutating func appendInterpolation(column values: some Sequence<some DatabaseValueConvertible>) {
            appendInterpolation(rows: Self.padded(values).map { [$0] })
        }

        /// The right side of `IN`: `WHERE id IN \(list: ids)`.
        ///
        /// The last value is repeated up to the next power of two, so that lists of every length share a handful of
        /// prepared statements; `IN` does not see the repetition. An empty list matches nothing.
        package mutating func appendInterpolation(list values: some Sequence<some DatabaseValueConvertible>) {
            appendInterpolation(rows: [Self.padded(values)])
        }

        private static func padded(_ values: some Sequence<some DatabaseValueConvertible>) -> [DatabaseValue] {
            var bound = values.map(\.databaseValue)
            if bound.isEmpty { bound = [.null] }
            var padded = 1
            while padded < bound.count { padded *= 2 }
            bound.append(contentsOf: repeatElement(bound[bound.count - 1], count: padded - bound.count))
            return bound
        }
    }
}
