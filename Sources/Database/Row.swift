/// One row of an answer: columns by name, typed on the way out.
package struct Row: Sendable {
    /// Shared by all rows of an answer.
    package let columns: [String]
    package let values: [DatabaseValue]

    package init(columns: [String], values: [DatabaseValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column; asking for an optional type allows NULL.
    ///
    /// Throws when the column does not exist or holds another kind: a row that is read wrongly is a defect, and a
    /// default would hide it.
    package func get<T: DatabaseValueConvertible>(_ column: String, as type: T.Type = T.self) throws -> T {
        guard let index = columns.firstIndex(of: column) else {
            throw DatabaseError(.decoding, "expected a column \(column), found \(columns.joined(separator: ", "))")
        }
        guard let value = T(databaseValue: values[index]) else {
            throw DatabaseError(.decoding, "expected \(T.self) in column \(column), found \(values[index].kind)")
        }
        return value
    }
}
