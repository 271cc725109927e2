import Database
import Testing

extension ConformanceCase {
    static let concurrency = [
        ConformanceCase("many writers at once lose no update") { database in
            try await makeCounter(in: database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await database.write { transaction in
                            let value = try transaction.value("SELECT value FROM counters", as: Int.self) ?? 0
                            try transaction.execute("UPDATE counters SET value = \(value + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(in: database) == 200)
        },
        // A          B          C          all three wait for the same moment
        // +1         +1, throw  +1         each in a transaction of its own, whoever shares the commit
        // durable    undone     durable
        ConformanceCase("a write that fails harms none of those beside it") { database in
            try await makeCounter(in: database)
            let succeeded = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let result: Void? = try? await database.write { transaction in
                            try transaction.execute("UPDATE counters SET value = value + 1")
                            if number.isMultiple(of: 3) { throw CallersError(number: number) }
                        }
                        return result != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(succeeded == 66)
            #expect(try await counter(in: database) == 66)
        },
        // reader                       writer
        // SELECT a                     moves 1 from a to b, again and again
        // SELECT b
        // a + b is always 1000
        ConformanceCase("a read sees one instant, however many writes pass by") { database in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE accounts (name TEXT NOT NULL PRIMARY KEY, amount BIGINT)")
                try transaction.execute("INSERT INTO accounts VALUES ('a', 1000), ('b', 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<100 {
                        try await database.write { transaction in
                            try transaction.execute("UPDATE accounts SET amount = amount - 1 WHERE name = 'a'")
                            try transaction.execute("UPDATE accounts SET amount = amount + 1 WHERE name = 'b'")
                        }
                    }
                }
                for _ in 0..<100 {
                    let sum = try await database.read { transaction in
                        let a: Int? = try transaction.value("SELECT amount FROM accounts WHERE name = 'a'")
                        let b: Int? = try transaction.value("SELECT amount FROM accounts WHERE name = 'b'")
                        return (a ?? 0) + (b ?? 0)
                    }
                    #expect(sum == 1000)
                }
                try await group.waitForAll()
            }
        },
    ]

    private static func makeCounter(in database: any Database) async throws {
        try await database.write { transaction in
            try transaction.execute("CREATE TABLE counters (value BIGINT NOT NULL)")
            try transaction.execute("INSERT INTO counters VALUES (0)")
        }
    }

    private static func counter(in database: any Database) async throws -> Int? {
        try await database.read { try $0.value("SELECT value FROM counters") }
    }
}
