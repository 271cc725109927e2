import ExportService
import JSONBytes
import JobQueue
import RPC
import ServiceContracts
import TestSupport
import Testing

/// The public words of jobs.
@Suite struct StatusTests {
    @Test(arguments: JobState.allCases)
    func everyStateOfAJobHasAPublicWord(_ state: JobState) {
        let words: [JobState: ExportStatus] = [
            .blocked: .processing, .scheduled: .processing, .ready: .processing, .running: .processing,
            .cancelling: .cancelled, .cancelled: .cancelled, .succeeded: .succeeded, .failed: .failed,
        ]
        #expect(ExportStatus(state) == words[state])
    }

    @Test func anExportThatWaitsIsCancelledAtOnceAndCanRunLater() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 30, by: gate).server()
        let receiver = try await HTTPTestServer { _ in .text("ok") }
        try await withExports({ $0.exportsMax = 1 }) { harness in
            let running = try await harness.submit(server.request())
            try await eventually { server.requests.count == 1 }
            let waiting = try await harness.submit(server.request(limit: 7, callback: receiver.url))
            let detail = try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: waiting))
            #expect(detail.summary.status == .cancelled)
            try await eventually { receiver.requests.count == 1 }
            gate.open()
            #expect(try await harness.ended(running).summary.status == .succeeded)
            #expect(server.requests.count == 1)

            _ = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: waiting))
            #expect(try await harness.ended(waiting).summary.status == .succeeded)
            try await eventually { receiver.requests.count == 2 }
            let told = try JSONValue(parsing: receiver.requests[1].body)
            #expect(told["log"]?["status"] == 2 && told["log"]?["id"] == 2)
        }
        await server.close()
        await receiver.close()
    }

    @Test func pausesGrowWithFullJitter() {
        var random = SeededGenerator(seed: 7)
        let schedule = RetrySchedule()
        for number in 1...12 {
            let full = min(Duration.seconds(10), .milliseconds(200) * (1 << (number - 1)))
            let delays = (0..<200).map { _ in schedule.delay(afterTry: number, retryAfter: nil, using: &random) }
            #expect(delays.allSatisfy { $0 >= .zero && $0 <= full })
            #expect(delays.max()! > full * 0.9 && delays.min()! < full * 0.1)
        }
        let asked = schedule.delay(afterTry: 1, retryAfter: .seconds(30), using: &random)
        #expect(asked == .seconds(30))
    }
}
