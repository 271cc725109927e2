import Database
import Testing

@testable import JobQueue

@Suite("unique keys")
struct UniqueKeyTests {
    @Test("answer the job that holds the key until it is being cancelled or has ended")
    func returnsExisting() async throws {
        let harness = try await StoreHarness()
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

    @Test("belong to a kind")
    func perKind() async throws {
        let harness = try await StoreHarness()
        let one = try await harness.submit(NewJob(kind: "one", uniqueKey: "key"))
        let two = try await harness.submit(NewJob(kind: "two", uniqueKey: "key"))
        #expect(one != two)
    }

    @Test("let two hundred submissions at once become one job")
    func parallelSubmissions() async throws {
        let harness = try await StoreHarness()
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
