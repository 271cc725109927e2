import CPostgreSQL

/// The answer to one statement: rows, or how many were changed.
package struct PostgreSQLResult: Sendable {
    /// Names in the order of the statement; empty when it answers no rows.
    package let columns: [String]
    package let rows: [[PostgreSQLValue]]
    /// Rows changed by INSERT, UPDATE, DELETE; rows answered by SELECT; 0 for the rest.
    package let affectedCount: Int
    /// What the server did, in its own words: `INSERT 0 1`, `COMMIT`.
    package let command: String

    /// Copies everything out; the caller frees the C result.
    init(_ result: OpaquePointer) throws(PostgreSQLError) {
        let columnCount = PQnfields(result)
        columns = (0..<columnCount).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        let types = (0..<columnCount).map { PQftype(result, $0) }
        var rows: [[PostgreSQLValue]] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            var values: [PostgreSQLValue] = []
            values.reserveCapacity(Int(columnCount))
            for column in 0..<columnCount {
                let name = columns[Int(column)]
                values.append(try Self.value(result, row, column, type: types[Int(column)], name: name))
            }
            rows.append(values)
        }
        self.rows = rows
        command = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        // Empty, or digits: https://www.postgresql.org/docs/15/libpq-exec.html#LIBPQ-PQCMDTUPLES
        affectedCount = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    private static func value(
        _ result: OpaquePointer, _ row: Int32, _ column: Int32, type: UInt32, name: String
    ) throws(PostgreSQLError) -> PostgreSQLValue {
        if PQgetisnull(result, row, column) == 1 { return .null }
        let count = Int(PQgetlength(result, row, column))
        guard let start = PQgetvalue(result, row, column) else { return .null }
        let octets = UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
        return try PostgreSQLValue(binary: octets, type: type, column: name)
    }
}
