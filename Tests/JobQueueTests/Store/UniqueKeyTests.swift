import Database
import StoreTesting
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("unique keys")
    struct UniqueKeyTests {
        @Test(
            "answer the job that holds the key until it is being cancelled or has ended",
            arguments: StoreEngine.allCases)
        func returnsExisting(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let job = NewJob(kind: "work", uniqueKey: "report")
            let first = try await harness.store { try $0.submit(job, now: .zero) }
            let again = try await harness.store { try $0.submit(job, now: .zero) }
            #expect(again == JobSubmission(id: first.id, isExisting: true))
            #expect(try await harness.claim().map(\.id) == [first.id])
            #expect(try await harness.store { try $0.submit(job, now: .zero) }.isExisting)
            _ = try await harness.store { try $0.cancel(first.id, now: .zero) { _, _ in } }
            let next = try await harness.store { try $0.submit(job, now: .zero) }
            #expect(!next.isExisting)
            #expect(next.id != first.id)
        }

        @Test("belong to a kind", arguments: StoreEngine.allCases)
        func perKind(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let one = try await harness.submit(NewJob(kind: "one", uniqueKey: "key"))
            let two = try await harness.submit(NewJob(kind: "two", uniqueKey: "key"))
            #expect(one != two)
        }

        @Test("let two hundred submissions at once become one job", arguments: StoreEngine.allCases)
        func parallelSubmissions(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await harness.submit(NewJob(kind: "work", uniqueKey: "same")) }
                }
                return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await harness.count("SELECT count(*) FROM jobs") == 1)
        }
    }
}
