import Foundation
import Synchronization
import TestSupport
import Testing

/// SIGTERM while clients are at work.
struct DrainTests {
    /// How long a machine with other work may take for an answer; only a failing test waits for it.
    private static let patience = Duration.seconds(60)

    @Test func noRequestThatWasTakenIsLostWhenTheProcessStops() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let port = system.endpoints.port(facade: "export")
        let answers = AnswerCount()
        try await withThrowingTaskGroup(of: Void.self) { clients in
            for _ in 0..<16 {
                clients.addTask { try await Self.askUntilTheEnd(port, answers) }
            }
            try await eventually(within: Self.patience, "answers") { answers.count.withLock { $0 } > 300 }
            system.signal(SIGTERM)
            try await clients.waitForAll()
        }
        #expect(try await system.waitForExit().status == 0)
    }

    /// Asks on one connection until it ends. It may end between two answers, never inside one, and an answer that says
    /// it is the last is the last.
    private static func askUntilTheEnd(_ port: Int, _ answers: AnswerCount) async throws {
        let client = try await RawTCPClient(port: port)
        while true {
            try? await client.send("GET /demo/page?limit=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            try await eventually(within: patience, "an answer or the end") {
                client.isEnded || !client.received.isEmpty
            }
            if client.received.isEmpty { return }
            let head = try await client.read(until: "\r\n\r\n", within: patience)
            #expect(head.hasPrefix("HTTP/1.1 200 "), "\(head)")
            let length = try #require(head.firstMatch(of: /content-length: (\d+)/))
            _ = try await client.read(count: Int(length.1)!, within: patience)
            answers.count.withLock { $0 += 1 }
            if head.contains("connection: close") {
                #expect(try await client.readToEnd(within: patience).isEmpty)
                return
            }
        }
    }
}

private final class AnswerCount: Sendable {
    let count = Mutex(0)
}
