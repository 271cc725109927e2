import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("dependencies")
    struct DependencyTests {
        private func submit(_ harness: StoreHarness, after dependencies: [JobID] = []) async throws -> JobID {
            var job = NewJob.work()
            job.dependencies = dependencies
            return try await harness.submit(job)
        }

        // a ──┐
        //     ├─► c ──► d
        // b ──┘
        @Test("start a job when the last of them has succeeded", arguments: StoreEngine.allCases)
        func succeed(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let a = try await submit(harness)
            let b = try await submit(harness)
            let c = try await submit(harness, after: [a, b, a])
            let d = try await submit(harness, after: [c])
            #expect(try await harness.state(of: c) == .blocked)
            let first = try await harness.claim()
            #expect(first.map(\.id) == [a, b])
            _ = try await harness.finish(first[0], .outcome(.succeeded()))
            #expect(try await harness.state(of: c) == .blocked)
            _ = try await harness.finish(first[1], .outcome(.succeeded()))
            #expect(try await harness.state(of: c) == .ready)
            let second = try await harness.claim()
            #expect(second.map(\.id) == [c])
            _ = try await harness.finish(second[0], .outcome(.succeeded()))
            #expect(try await harness.claim().map(\.id) == [d])
            // What has succeeded already is not waited for.
            #expect(try await harness.state(of: try await submit(harness, after: [a])) == .ready)
        }

        @Test("cancel all that waits for a job that does not succeed", arguments: StoreEngine.allCases)
        func fail(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let a = try await submit(harness)
            let b = try await submit(harness, after: [a])
            let c = try await submit(harness, after: [b])
            let job = try #require(try await harness.claim().first)
            let ended = Shared<[JobID]>([])
            _ = try await harness.store { store in
                try store.finish(Finish(job: job, report: .outcome(.failed(reason: "no")), now: .zero, random: 0)) {
                    end, _ in ended.change { $0.append(end.id) }
                }
            }
            #expect(ended.value == [a, b, c])
            #expect(try await harness.state(of: b) == .cancelled)
            let note = try await harness.store { try $0.snapshot(of: c)?.note }
            #expect(note == "job \(b), which it depends on, did not succeed")
            await #expect(throws: JobError.dependencyEnded(a, .failed)) { try await submit(harness, after: [a]) }
            let unknown = JobID(rawValue: 999)
            await #expect(throws: JobError.unknownJob(unknown)) { try await submit(harness, after: [unknown]) }
        }

        // first      runs ────────────────► ends
        // second     blocked ·············· its watcher hears what becomes of it
        @Test("are heard of by who watches what waits", arguments: StoreEngine.allCases, [true, false])
        func watched(on engine: StoreEngine, succeeds: Bool) async throws {
            let mayEnd = Gate()
            let handler = ScriptedHandler { job in
                if job.parameters.isEmpty { await mayEnd.wait() }
                return succeeds ? .succeeded() : .failed(reason: "no")
            }
            let harness = try await EngineHarness(handler, on: engine)
            try await harness.running {
                let first = try await harness.submit()
                var second = NewJob(kind: "work", parameters: [1])
                second.dependencies = [first]
                let events = try await harness.queue.events(of: try await harness.submit(second))
                mayEnd.open()
                var states: [JobState] = []
                for await case .state(let state) in events { states.append(state) }
                #expect(states == (succeeds ? [.blocked, .ready, .running, .succeeded] : [.blocked, .cancelled]))
            }
        }
    }
}
