import TestSupport
import Testing

@testable import JobQueue

@Suite("ends written together")
struct FinishBoardTests {
    /// Ends of so many executions, whose jobs are numbered from 1.
    private func finishes(_ count: Int) async throws -> [Finish] {
        let harness = try await StoreHarness()
        for _ in 0..<count { try await harness.submit(.work()) }
        let jobs = try await harness.claim([QueueOptions(name: "default", concurrencyMax: count)])
        return jobs.map { Finish(job: $0, report: .stopped, now: .zero, random: 0) }
    }

    // 1         writes ── held ─────────┐
    // 2 … 6        wait                 └── 2 3 4, then 5 6
    @Test("are those that come while others are written, a bounded number at a time")
    func batches() async throws {
        let board = FinishBoard(batchMax: 3)
        let finishes = try await finishes(6)
        let (isHeld, mayWrite) = (Gate(), Gate())
        let batches = Shared<[[Int64]]>([])
        let write: @Sendable ([Finish]) async -> FinishBoard.Answer = { finishes in
            batches.change { $0.append(finishes.map(\.job.id.rawValue)) }
            isHeld.open()
            await mayWrite.wait()
            return .written
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await board.write(finishes[0], by: write) }
            await isHeld.wait()
            for number in 2...6 {
                group.addTask { _ = await board.write(finishes[number - 1], by: write) }
                try await eventually("\(number) in line") { board.waitingCount == number - 1 }
            }
            mayWrite.open()
            try await group.waitForAll()
        }
        #expect(batches.value == [[1], [2, 3, 4], [5, 6]])
    }

    @Test("are tried alone, each by whoever brought it, when the batch could not be written")
    func alone() async throws {
        let board = FinishBoard(batchMax: 8)
        let finishes = try await finishes(4)
        let (isHeld, mayWrite) = (Gate(), Gate())
        let write: @Sendable ([Finish]) async -> FinishBoard.Answer = { finishes in
            isHeld.open()
            await mayWrite.wait()
            return finishes.count == 1 ? .written : .alone
        }
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { if case .written = await board.write(finishes[0], by: write) { true } else { false } }
            await isHeld.wait()
            for number in 2...4 {
                group.addTask {
                    if case .alone = await board.write(finishes[number - 1], by: write) { true } else { false }
                }
            }
            try await eventually("three in line") { board.waitingCount == 3 }
            mayWrite.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [true, true, true, true])
    }
}
