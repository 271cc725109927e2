import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// A stop while requests are under way.
struct DrainTests {
    @Test("requests under way are answered, and connections that wait are closed")
    func requestsUnderWay() async throws {
        try await GatewayHarness.run { harness in
            let idle = try await harness.connect()
            #expect(try await idle.ask(request("GET /records/1")).status == 200)
            var waiting: [RawTCPClient] = []
            for _ in 0..<8 {
                let client = try await harness.connect()
                try await client.send(request("GET /wait"))
                waiting.append(client)
            }
            try await eventually("the calls") { harness.log.started.count == 9 }
            async let stopped: Void = harness.gateway.stop(grace: .seconds(20))
            #expect(try await idle.readToEnd().isEmpty)
            await #expect(throws: (any Error).self) {
                let late = try await harness.connect()
                _ = try await late.ask(request("GET /records/1"))
            }
            harness.log.gate.open()
            for client in waiting {
                let answer = try await client.answer()
                #expect(answer.status == 200 && answer.fields["connection"] == "close")
                #expect(try await client.readToEnd().isEmpty)
            }
            await stopped
            #expect(harness.log.started.filter { $0 == "test.wait" }.count == 8 && harness.log.cancelled.isEmpty)
        }
    }

    @Test("a request that is half sent when the stop comes is answered")
    func halfSent() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{")
            try await eventually("the octet") { harness.gateway.load.bytes == 1 }
            async let stopped: Void = harness.gateway.stop(grace: .seconds(20))
            try await eventually("the closed port") { (try? await harness.connect()) == nil }
            try await client.send("}")
            let answer = try await client.answer()
            #expect(answer.status == 200 && answer.fields["connection"] == "close")
            await stopped
        }
    }

    @Test("what does not end within the grace is closed")
    func grace() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            await harness.gateway.stop(grace: .milliseconds(50))
            #expect(try await client.readToEnd().isEmpty)
            try await eventually("the cancellation") { harness.log.cancelled == ["test.wait"] }
        }
    }

    @Test("under load every request is answered or was never taken")
    func load() async throws {
        try await GatewayHarness.run { harness in
            let answered = try await withThrowingTaskGroup(of: Int.self) { clients in
                for _ in 0..<16 { clients.addTask { try await Self.askUntilClosed(harness) } }
                try await eventually(within: .seconds(60), "some answers") { harness.log.started.count > 200 }
                await harness.gateway.stop(grace: .seconds(60))
                return try await clients.reduce(0, +)
            }
            // Whatever reached the service was answered to its client, and nothing was run twice.
            #expect(answered == harness.log.started.count)
        }
    }

    /// Asks on one connection until the gateway closes it between two answers; half an answer fails the test.
    private static func askUntilClosed(_ harness: GatewayHarness) async throws -> Int {
        guard let client = try? await harness.connect() else { return 0 }
        for count in 0... {
            try? await client.send(request("GET /records/\(count)"))
            try await eventually(within: .seconds(60), "an answer or the end") {
                client.isEnded || !client.received.isEmpty
            }
            if client.received.isEmpty { return count }
            let answer = try await client.answer()
            #expect(answer.status == 200)
            if answer.fields["connection"] == "close" { return count + 1 }
        }
        return 0
    }
}
