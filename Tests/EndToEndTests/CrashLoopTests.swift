import Foundation
import JSONBytes
import TestSupport
import Testing

/// The whole program killed again and again under load: what its clients remember is compared with what it has.
struct CrashLoopTests {
    /// `make soak` asks for more.
    private static let crashes = ProcessInfo.processInfo.environment["TEST_CRASHES"].flatMap { Int($0) } ?? 20
    private static let clients = 4
    /// Lives of the program after which it ends what it has accepted: a job under which it dies four times in a row
    /// fails, so that it harms nobody for ever.
    private static let livesMax = 3

    private static func body(_ number: Int) -> String {
        #"""
        {"timestamp": 1625106207, "ext_type": "CSV", "title": "crash \#(number)", "user_id": "\#(number)",
         "callback": "", "source_raw": "[{\"n\":\"Number\"},{\"n\":\#(number)}]"}
        """#
    }

    /// What clients were told: the key of every export that was accepted, and its number.
    private let accepted = Shared<[String: Int]>([:])
    private let ended = Shared<Set<String>>([])
    private let numbers = Shared(0)
    private let isOver = Shared(false)

    private func submit(to system: Shared<PailouProcess?>) async throws {
        while !isOver.value {
            guard let url = system.value?.exportURL else {
                try await ContinuousClock().sleep(for: .milliseconds(5))
                continue
            }
            let number = numbers.change { number in
                number += 1
                return number
            }
            // A refusal, or no answer at all, promises nothing.
            guard let answer = try? await HTTP.post(url + "/v1/export/raw", Self.body(number)), answer.status == 200,
                let key = try answer.json["data"]?["hash_key"]?.string
            else { continue }
            accepted.change { $0[key] = number }
        }
    }

    /// Returns when all exports have ended that were accepted before.
    private func untilAllHaveEnded(in system: PailouProcess) async throws {
        let client = ExportClient(baseURL: system.exportURL)
        for key in accepted.value.keys.filter({ !ended.value.contains($0) }) {
            _ = try await client.finished(key)
            ended.change { _ = $0.insert(key) }
        }
    }

    // clients    submit ──────────────────────────────────────────────────────────► compare
    // program         kill -9, start      kill -9, start      …      kill -9, start
    @Test func everyAcceptedExportIsThereAfterEveryCrash() async throws {
        let directory = try TemporaryDirectory()
        let system = Shared<PailouProcess?>(nil)
        var random = SystemRandomNumberGenerator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.clients { group.addTask { try await submit(to: system) } }
            defer { isOver.change { $0 = true } }
            for crash in 1...Self.crashes {
                let started = try await PailouProcess.start(in: directory.path("data"))
                system.change { $0 = started }
                // Some die before they have accepted anything.
                let wanted = accepted.value.count + Int.random(in: 0...12, using: &random)
                try await eventually(within: .seconds(60), "exports before crash \(crash)") {
                    accepted.value.count >= wanted
                }
                if crash.isMultiple(of: Self.livesMax) { try await untilAllHaveEnded(in: started) }
                system.change { $0 = nil }
                try await started.kill()
            }
            isOver.change { $0 = true }
            try await group.waitForAll()
        }
        let last = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: last.exportURL)
        #expect(accepted.value.count > Self.crashes)
        for (key, number) in accepted.value {
            let detail = try await client.finished(key)
            #expect(detail["status"]?.integer == 2, "export \(number): \(detail)")
            #expect(detail["rows"]?.integer == 1)
            // The link leads to the port that took the request.
            let link = try #require(detail["down_url"]?.string.flatMap { URLComponents(string: $0) })
            let file = try await HTTP.get(last.exportURL + link.path)
            #expect(file.status == 200, "export \(number)")
            #expect(file.body.count == detail["bytes"]?.integer)
        }
        try await last.stop()
    }
}
