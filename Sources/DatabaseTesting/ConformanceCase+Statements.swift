import Database
import Testing

extension ConformanceCase {
    static let statements = [
        ConformanceCase("execute answers the number of changed rows") { database in
            try await makeItems(in: database)
            let counts = try await database.write { transaction in
                for id in 1...5 { try insertItem(id, "item", in: transaction) }
                return [
                    try transaction.execute("UPDATE items SET name = \("new") WHERE id <= \(3)"),
                    try transaction.execute("UPDATE items SET name = \("new") WHERE id > \(100)"),
                    try transaction.execute("DELETE FROM items"),
                ]
            }
            #expect(counts == [3, 0, 5])
        },
        ConformanceCase("a statement that changes rows can answer them") { database in
            try await makeItems(in: database)
            let ids = try await database.write { transaction in
                for id in 1...3 { try insertItem(id, "old", in: transaction) }
                let rows = try transaction.query("UPDATE items SET name = 'new' WHERE id >= \(2) RETURNING id")
                return try rows.map { try $0.get("id", as: Int.self) }.sorted()
            }
            #expect(ids == [2, 3])
        },
        ConformanceCase("rows are read one by one until the reader has enough") { database in
            try await makeItems(in: database)
            let seen = try await database.write { transaction in
                for id in 1...100 { try insertItem(id, "item \(id)", in: transaction) }
                var seen: [Int] = []
                try transaction.forEachRow("SELECT id FROM items ORDER BY id") { row in
                    seen.append(try row.get("id"))
                    return seen.count < 3
                }
                return seen
            }
            #expect(seen == [1, 2, 3])
        },
        ConformanceCase("lists of any length stand on the right of IN") { database in
            try await makeItems(in: database)
            try await database.write { transaction in
                for id in 1...10 { try insertItem(id, "item", in: transaction) }
            }
            for (list, expected) in [([], 0), ([3], 1), ([1, 2, 3], 3), (Array(1...1000), 10)] as [([Int], Int)] {
                let count: Int? = try await database.read {
                    try $0.value("SELECT count(*) FROM items WHERE id IN \(list: list)")
                }
                #expect(count == expected)
            }
        },
        ConformanceCase("a fragment brings its own parameters") { database in
            try await makeItems(in: database)
            let name: String? = try await database.write { transaction in
                for id in 1...4 { try insertItem(id, "item \(id)", in: transaction) }
                let condition: SQL = "id > \(1) AND id < \(4)"
                return try transaction.value(
                    "SELECT name FROM items WHERE id <> \(2) AND \(condition) AND name <> \("x")")
            }
            #expect(name == "item 3")
        },
        ConformanceCase("a broken rule of the schema is reported as that rule") { database in
            try await database.write { transaction in
                try transaction.execute(
                    """
                    CREATE TABLE ruled (
                        id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, CONSTRAINT small CHECK (id < 10))
                    """)
                try transaction.execute("INSERT INTO ruled (id, name) VALUES (1, 'one')")
            }
            let broken: [(SQL, DatabaseError.Constraint)] = [
                ("INSERT INTO ruled (id, name) VALUES (1, 'two')", .unique),
                ("INSERT INTO ruled (id, name) VALUES (2, 'one')", .unique),
                ("INSERT INTO ruled (id) VALUES (3)", .notNull),
                ("INSERT INTO ruled (id, name) VALUES (11, 'eleven')", .check),
            ]
            for (statement, rule) in broken {
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute(statement) }
                }
                #expect(error?.kind == .constraint(rule))
            }
        },
        ConformanceCase("a statement the engine does not understand is a defect of the program") { database in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.execute("SELEKT 1") }
            }
            #expect(error?.kind == .misuse)
        },
    ]
}
