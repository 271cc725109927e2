import Database
import Testing

extension ConformanceCase {
    static let migrations = [
        ConformanceCase("migrations run in order, each once, and count per service") { database in
            let log = ActionLog()
            let first = step("one", 1, log)
            try await database.migrate([first])
            try await database.migrate([step("one", 2, log), first, step("two", 1, log)])
            try await database.migrate([first, step("one", 2, log), step("two", 1, log)])
            #expect(log.entries == ["one 1", "one 2", "two 1"])
        },
        ConformanceCase("a store of a newer program is refused and left untouched") { database in
            let log = ActionLog()
            try await database.migrate([step("one", 1, log), step("one", 2, log)])
            let error = await #expect(throws: DatabaseError.self) {
                try await database.migrate([step("one", 1, log), step("two", 1, log)])
            }
            #expect(error?.kind == .newerStore)
            #expect(log.entries == ["one 1", "one 2"])
        },
        ConformanceCase("a migration that fails leaves the store at its old version") { database in
            let log = ActionLog()
            let failing = Migration(service: "one", number: 2, name: "fails") { transaction in
                try transaction.execute("CREATE TABLE half_done (id BIGINT)")
                throw CallersError(number: 2)
            }
            await #expect(throws: CallersError.self) { try await database.migrate([step("one", 1, log), failing]) }
            #expect(log.entries == [])
            try await database.migrate([step("one", 1, log)])
            #expect(log.entries == ["one 1"])
        },
        ConformanceCase("a gap in the numbers is a defect of the program") { database in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.migrate([step("one", 1, ActionLog()), step("one", 3, ActionLog())])
            }
            #expect(error?.kind == .misuse)
        },
    ]

    /// A migration that tells when it became durable.
    private static func step(_ service: String, _ number: Int, _ log: ActionLog) -> Migration {
        Migration(service: service, number: number, name: "step \(number)") { transaction in
            transaction.afterCommit { log.append("\(service) \(number)") }
        }
    }
}
