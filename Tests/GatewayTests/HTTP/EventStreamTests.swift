import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Server-sent events.
struct EventStreamTests {
    @Test("events come as they are made, and the result is the last")
    func events() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let answer = try await client.ask(request("GET /events?kind=ends", fields: ["X-Request-Id: r"]))
            #expect(answer.fields["content-type"] == "text/event-stream")
            #expect(answer.fields["cache-control"] == "no-store")
            #expect(
                answer.text == """
                    id: 1
                    event: progress
                    data: {"done":1}

                    id: 2
                    event: item
                    data: {
                    data: "row":1}

                    event: result
                    data: {"code":0,"data":{"state":"done"},"id":"r"}


                    """)
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("a call that fails before its first event has a status of its own")
    func failsAtOnce() async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET /events?kind=fails"))
            #expect(answer.status == 404)
            #expect(answer.fields["content-type"] == "application/json")
        }
    }

    @Test("a call that fails later ends with an event that says so")
    func failsLater() async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET /events?kind=breaks"))
            #expect(answer.status == 200)
            #expect(answer.text.contains("event: error\ndata: {\"code\":500,"))
        }
    }

    @Test("HEAD calls nothing and keeps the connection")
    func head() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let head = try await client.ask(request("HEAD /events?kind=ends"))
            #expect(head.status == 200 && head.fields["content-type"] == "text/event-stream")
            #expect(try await client.ask(request("GET /records/1")).status == 200)
            #expect(harness.log.started == ["test.record"])
        }
    }

    @Test("a client that comes back says what it has seen")
    func resumes() async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET /events?kind=after", fields: ["Last-Event-ID: 41"]))
            #expect(answer.text.contains("\"data\":41"))
        }
    }

    @Test("a silent stream shows signs of life, and a client that leaves ends it")
    func heartbeats() async throws {
        try await GatewayHarness.run(
            configure: { ($0.heartbeatInterval, $0.eventHeadDelay) = (.milliseconds(20), .milliseconds(20)) }
        ) { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /events?kind=waits"))
            _ = try await client.read(until: "\n: \n\n")
            _ = try await client.read(until: "\n: \n\n")
            await client.close(reset: true)
            try await eventually("the cancellation") { harness.log.cancelled == ["test.events"] }
        }
    }

    @Test("a stop ends event streams, so that clients come back elsewhere")
    func drain() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /events?kind=waits"))
            _ = try await client.read(until: "event: item")
            await harness.gateway.stop(grace: .seconds(5))
            let rest = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(rest.hasSuffix("0\r\n\r\n"))
        }
    }
}
