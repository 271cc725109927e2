import Foundation
import JSONBytes
import RPC
import TestSupport
import Testing

@testable import ScrapeService

/// Workbooks take a thread and room on the disk while they are written: there is a bound to both.
@Suite struct WorkbookTests {
    private func refusal(of harness: ScrapeHarness) async throws -> RPCError {
        let task = try await harness.task()
        _ = try await harness.run(task)
        #expect(try await !harness.export(task, "csv").octets.isEmpty)
        return try await harness.refusal("scrape.result.export", ["task_id": .string(task), "format": "xlsx"])
    }

    private func leftovers(_ harness: ScrapeHarness) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: harness.directory.path("work"))
    }

    @Test func noMoreAreWrittenAtATimeThanMayBe() async throws {
        let room = WorkbookRoom(directory: "/", workbooksMax: 2, freeBytesMin: 0)
        let gate = Gate()
        let writing = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await room.withPlace {
                        writing.change { $0 += 1 }
                        await gate.wait()
                    }
                }
            }
            try await eventually("two workbooks") { writing.value == 2 }
            let error = await #expect(throws: RPCError.self) { try await room.withPlace {} }
            #expect(error?.status == .resourceExhausted && error?.reason == "workbooks")
            #expect(error?.retryAfter == .seconds(5))
            gate.open()
            try await group.waitForAll()
        }
        try await room.withPlace {}
        // A failure gives its place back, too.
        for _ in 0..<3 {
            await #expect(throws: CancellationError.self) { try await room.withPlace { throw CancellationError() } }
        }
        try await room.withPlace {}
    }

    @Test func aCallThatFindsNoPlaceIsRefused() async throws {
        try await withScraper {
            $0.workbooksMax = 0
        } _: { harness in
            let error = try await refusal(of: harness)
            #expect(error.status == .resourceExhausted && error.reason == "workbooks")
            #expect(error.retryAfter == .seconds(5))
            #expect(try leftovers(harness).isEmpty)
        }
    }

    @Test func aDiskThatIsNearlyFullIsLeftAlone() async throws {
        try await withScraper {
            $0.freeBytesMin = .max
        } _: { harness in
            let error = try await refusal(of: harness)
            #expect(error.status == .unavailable && error.reason == "disk_full")
            #expect(try leftovers(harness).isEmpty)
        }
    }

    @Test func nothingIsLeftOfAWorkbook() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("of a process that was killed", to: "work/export-1.xlsx")
        let x = try await XAPITestServer()
        let harness = try await ScrapeHarness(in: directory, x: x)
        #expect(try leftovers(harness).isEmpty)
        let task = try await harness.task()
        _ = try await harness.run(task)
        #expect(try await harness.export(task, "xlsx").octets.starts(with: Array("PK".utf8)))
        #expect(try leftovers(harness).isEmpty)
        await harness.stop()
        await x.close()
    }
}
