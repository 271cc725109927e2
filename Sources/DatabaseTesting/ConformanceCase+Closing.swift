import Database
import Testing

extension ConformanceCase {
    static let closing = [
        ConformanceCase("a healthy store says so") { database in
            #expect(database.health == .ready)
        },
        ConformanceCase("after closing everything is refused as closed") { database in
            await database.close()
            #expect(database.health == .closed)
            for attempt in 0..<2 {
                let error = await #expect(throws: DatabaseError.self) {
                    if attempt == 0 {
                        try await database.read { _ in }
                    } else {
                        try await database.write { _ in }
                    }
                }
                #expect(error?.kind == .closed)
            }
            await database.close()
        },
        ConformanceCase("closing waits for writes that were accepted") { database in
            try await makeItems(in: database)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for id in 0..<50 {
                    group.addTask { (try? await database.write { try insertItem(id, "item", in: $0) }) != nil }
                }
                group.addTask {
                    await database.close()
                    return true
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(outcomes.count == 51)
        },
    ]
}
