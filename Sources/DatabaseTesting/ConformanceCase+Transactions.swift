import Database
import Synchronization
import Testing

extension ConformanceCase {
    static let transactions = [
        ConformanceCase("a write that throws leaves nothing, and the caller gets its own error") { database in
            try await makeItems(in: database)
            let error = await #expect(throws: CallersError.self) {
                try await database.write { transaction in
                    try insertItem(1, "one", in: transaction)
                    throw CallersError(number: 7)
                }
            }
            #expect(error == CallersError(number: 7))
            #expect(try await itemNames(in: database) == [])
        },
        ConformanceCase("a constraint caught inside a write does not undo the rest of it") { database in
            try await makeItems(in: database)
            try await database.write { transaction in
                try insertItem(1, "one", in: transaction)
                try transaction.execute("INSERT INTO items (id, name) VALUES (1, 'two') ON CONFLICT (id) DO NOTHING")
                try insertItem(2, "two", in: transaction)
            }
            #expect(try await itemNames(in: database) == ["one", "two"])
        },
        ConformanceCase("what is executed later is seen by what follows it, and by nobody when the write throws") {
            database in
            try await makeItems(in: database)
            try await database.write { transaction in
                for id in 1...3 {
                    try transaction.executeLater("INSERT INTO items (id, name) VALUES (\(id), 'later')")
                }
                let count: Int? = try transaction.value("SELECT count(*) FROM items")
                #expect(count == 3)
                try transaction.executeLater("DELETE FROM items WHERE id = 3")
            }
            #expect(try await itemNames(in: database).count == 2)
            await #expect(throws: CallersError.self) {
                try await database.write { transaction in
                    try transaction.executeLater("DELETE FROM items")
                    throw CallersError(number: 1)
                }
            }
            #expect(try await itemNames(in: database).count == 2)
        },
        ConformanceCase("what fails of what is executed later fails its own write, and no neighbour's") { database in
            try await makeItems(in: database)
            try await database.write { try insertItem(0, "first", in: $0) }
            await withTaskGroup(of: Void.self) { group in
                for id in 1...40 {
                    group.addTask {
                        let outcome = await outcome(of: id, in: database)
                        #expect(id % 4 == 0 ? outcome == .constraint(.unique) : outcome == nil)
                    }
                }
            }
            #expect(try await itemNames(in: database).count == 31)
        },
        ConformanceCase("a read sees what was written before it") { database in
            try await makeItems(in: database)
            for id in 1...20 {
                try await database.write { try insertItem(id, "item", in: $0) }
                #expect(try await itemNames(in: database).count == id)
            }
        },
        ConformanceCase("a read cannot write") { database in
            try await makeItems(in: database)
            await #expect(throws: DatabaseError.self) {
                try await database.read { try insertItem(1, "one", in: $0) }
            }
            #expect(try await itemNames(in: database) == [])
        },
        ConformanceCase("actions after commit run once, before the caller goes on, and in order") { database in
            try await makeItems(in: database)
            let log = ActionLog()
            try await database.write { transaction in
                transaction.afterCommit { log.append("first") }
                try insertItem(1, "one", in: transaction)
                transaction.afterCommit { log.append("second") }
            }
            #expect(log.entries == ["first", "second"])
        },
        ConformanceCase("actions of a write that failed never run") { database in
            let log = ActionLog()
            await #expect(throws: CallersError.self) {
                try await database.write { transaction in
                    transaction.afterCommit { log.append("never") }
                    throw CallersError(number: 1)
                }
            }
            try await database.write { transaction in transaction.afterCommit { log.append("next") } }
            #expect(log.entries == ["next"])
        },
        ConformanceCase("a cancelled task still learns the true outcome of its write") { database in
            try await makeItems(in: database)
            let answer = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return (try? await database.write { try insertItem(1, "one", in: $0) }) != nil
                }
                return await group.next() ?? false
            }
            #expect(answer == (try await itemNames(in: database) == ["one"]))
        },
    ]
}

/// What ran, in which order.
final class ActionLog: Sendable {
    private let log = Mutex<[String]>([])
    var entries: [String] { log.withLock { $0 } }
    func append(_ entry: String) { log.withLock { $0.append(entry) } }
}

/// Writes an item later, every fourth of them one that is there; answers why it failed.
private func outcome(of id: Int, in database: any Database) async -> DatabaseError.Kind? {
    do {
        try await database.write { transaction in
            try transaction.executeLater("INSERT INTO items (id, name) VALUES (\(id % 4 == 0 ? 0 : id), 'later')")
        }
        return nil
    } catch {
        return (error as? DatabaseError)?.kind
    }
}
