import Database
import Testing

extension ConformanceCase {
    static let values = [
        ConformanceCase("every kind of value comes back as it was bound") { database in
            let samples: [DatabaseValue] = [
                .null, .integer(0), .integer(.max), .integer(.min), .real(0.1), .real(-1e300), .text(""),
                .text("牌楼 \u{1F600} ' \" \\ $1 ?"), .blob([]), .blob([0, 255, 39]),
            ]
            try await database.write { transaction in
                try transaction.execute(
                    """
                    CREATE TABLE kinds (
                        id BIGINT NOT NULL PRIMARY KEY, i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA)
                    """)
                for (id, sample) in samples.enumerated() { try insert(sample, id: id, in: transaction) }
            }
            let found = try await database.read { transaction in
                try transaction.query("SELECT i, r, t, b FROM kinds ORDER BY id").map { row in
                    row.values.first { $0 != .null } ?? .null
                }
            }
            #expect(found == samples)
        },
        ConformanceCase("a value never becomes part of the statement") { database in
            try await makeItems(in: database)
            let names = ["'); DROP TABLE items; --", "\"", "$1", "\\"]
            try await database.write { transaction in
                for (id, name) in names.enumerated() { try insertItem(id, name, in: transaction) }
            }
            #expect(try await itemNames(in: database) == names)
        },
        ConformanceCase("a text with U+0000 is kept, and found, with U+FFFD in its place") { database in
            try await makeItems(in: database)
            let name = "bro\0ken"
            try await database.write { try insertItem(1, name, in: $0) }
            #expect(try await itemNames(in: database) == ["bro\u{FFFD}ken"])
            let found: Int? = try await database.read { try $0.value("SELECT id FROM items WHERE name = \(name)") }
            #expect(found == 1)
        },
        ConformanceCase("a column read as another kind is an error that names it") { database in
            try await makeItems(in: database)
            try await database.write { try insertItem(1, "one", in: $0) }
            let row = try #require(try await database.read { try $0.queryOne("SELECT id, name FROM items") })
            #expect(throws: DatabaseError.self) { try row.get("name", as: Int.self) }
            #expect(throws: DatabaseError.self) { try row.get("absent", as: Int.self) }
            #expect(try row.get("id", as: Int.self) == 1)
            #expect(try row.get("name", as: String?.self) == "one")
        },
        ConformanceCase("NULL is read as nil and refused where a value is expected") { database in
            let row = try #require(try await database.read { try $0.queryOne("SELECT NULL AS missing") })
            #expect(try row.get("missing", as: Int?.self) == nil)
            #expect(throws: DatabaseError.self) { try row.get("missing", as: Int.self) }
        },
    ]

    private static func insert(_ value: DatabaseValue, id: Int, in transaction: any Transaction) throws {
        switch value {
        case .null: try transaction.execute("INSERT INTO kinds (id) VALUES (\(id))")
        case .integer: try transaction.execute("INSERT INTO kinds (id, i) VALUES (\(id), \(value))")
        case .real: try transaction.execute("INSERT INTO kinds (id, r) VALUES (\(id), \(value))")
        case .text: try transaction.execute("INSERT INTO kinds (id, t) VALUES (\(id), \(value))")
        case .blob: try transaction.execute("INSERT INTO kinds (id, b) VALUES (\(id), \(value))")
        }
    }
}
