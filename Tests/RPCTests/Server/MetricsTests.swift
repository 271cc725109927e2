import CoreMetrics
import MetricsTestKit
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@Suite struct MetricsTests {
    private static func calls(_ method: String, _ status: String) -> [(String, String)] {
        [("method", method), ("status", status)]
    }

    /// Serves with metrics of its own; the rest of the tests runs beside it.
    private static func withMetrics(
        fallback: (any RPCFallback)? = nil, inFlightMax: Int = 256, _ register: (inout RPCMethods) -> Void,
        _ body: (RunningServer, TestMetrics) async throws -> Void
    ) async throws {
        var methods = RPCMethods()
        register(&methods)
        var configuration = RPCServerConfiguration()
        configuration.fallback = fallback
        configuration.limits.inFlightMax = inFlightMax
        let metrics = TestMetrics()
        let server = withMetricsFactory(metrics) {
            RPCServer(
                methods: methods, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
                logger: .quiet)
        }
        let port = try await server.start().port!
        do {
            try await body(RunningServer(server: server, port: port), metrics)
        } catch {
            await server.stop(grace: .zero)
            throw error
        }
        await server.stop(grace: .zero)
    }

    @Test func `calls are counted by method and outcome, and timed`() async throws {
        try await Self.withMetrics({ methods in
            methods.register("echo", raw: { $0.params! })
            methods.register("fail", raw: { _ in throw RPCError(.notFound, "no such thing") })
            methods.register("odd", raw: { _ in throw RPCError(code: 7, status: nil, "a code of its own") })
        }) { server, metrics in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "echo"), request(2, "echo"), request(3, "fail"), request(4, "odd"))
            for _ in 1...4 { _ = try await peer.hear() }
            #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("echo", "OK")).totalValue == 2)
            #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("fail", "NOT_FOUND")).totalValue == 1)
            #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("odd", "UNKNOWN")).totalValue == 1)
            #expect(try metrics.expectTimer("rpc_call_duration_seconds", [("method", "echo")]).values.count == 2)
        }
    }

    @Test func `calls that run are shown while they run`() async throws {
        let doors = Doors()
        try await Self.withMetrics({ doors.register(&$0) }) { server, metrics in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "wait"), request(2, "wait"))
            let inFlight = try metrics.expectMeter("rpc_calls_in_flight", [("method", "wait")])
            try await eventually { inFlight.lastValue == 2 }
            doors.gate.open()
            for _ in 1...2 { _ = try await peer.hear() }
            try await eventually { inFlight.lastValue == 0 }
        }
    }

    @Test func `a call whose caller left is counted once, a detached one when it is done`() async throws {
        for (isDetached, status) in [(false, "CANCELLED"), (true, "OK")] {
            let doors = Doors()
            try await Self.withMetrics({ doors.register(&$0, options: .init(isDetached: isDetached)) }) {
                server, metrics in
                let peer = try await VectorPeer(server)
                try await peer.hello()
                try await peer.say(request(1, "wait"))
                try await eventually { doors.begun == 1 }
                await peer.close()
                try await eventually { server.server.connectionCount == 0 }
                doors.gate.open()
                let inFlight = try metrics.expectMeter("rpc_calls_in_flight", [("method", "wait")])
                try await eventually { inFlight.lastValue == 0 }
                #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("wait", status)).totalValue == 1)
                let duration = try metrics.expectTimer("rpc_call_duration_seconds", [("method", "wait")])
                #expect(duration.values.count == 1)
            }
        }
    }

    @Test func `a refused call is counted and never ran`() async throws {
        let doors = Doors()
        try await Self.withMetrics(inFlightMax: 1, { doors.register(&$0) }) { server, metrics in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(request(1, "wait"), request(2, "wait"))
            _ = try await peer.hear()
            let refused = try metrics.expectCounter("rpc_calls_total", Self.calls("wait", "UNAVAILABLE"))
            #expect(refused.totalValue == 1)
            #expect(try metrics.expectTimer("rpc_call_duration_seconds", [("method", "wait")]).values.isEmpty)
            doors.gate.open()
            _ = try await peer.hear()
        }
    }

    @Test func `names strangers make up share one label`() async throws {
        try await Self.withMetrics({ $0.register("echo", raw: { $0.params! }) }) { server, metrics in
            let peer = try await VectorPeer(server)
            for id in 1...20 {
                try await peer.say(request(id, "made.up.\(id)"))
                _ = try await peer.hear()
            }
            let counter = try metrics.expectCounter("rpc_calls_total", Self.calls("unknown", "UNIMPLEMENTED"))
            #expect(counter.totalValue == 20)
            #expect(Set(metrics.meters.map { $0.dimensions.map(\.1) }) == [["echo"], ["rpc.health"], ["unknown"]])
        }
    }

    @Test func `what a fallback answers is counted by its groups`() async throws {
        try await Self.withMetrics(fallback: Prefixes(), { _ in }) { server, metrics in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "known.a"), request(2, "known.b"), request(3, "other.c"))
            for _ in 1...3 { _ = try await peer.hear() }
            #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("known.*", "OK")).totalValue == 2)
            #expect(try metrics.expectCounter("rpc_calls_total", Self.calls("unknown", "OK")).totalValue == 1)
        }
    }

    @Test func `a fallback sets the time of calls that bring none`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.fallback = Prefixes()
        try await withServer(configuration: configuration, { _ in }) { server in
            let client = server.client()
            let own = try await client.call("x")
            #expect(String(buffer: own) == "3600")
            let asked = try await client.call("x", options: .init(timeout: .seconds(5)))
            #expect(String(buffer: asked) == "5")
            await client.close()
        }
    }
}

/// Answers how many seconds a call has.
private struct Prefixes: RPCFallback {
    let timeout = Duration.seconds(3600)
    let groups = ["known.*"]

    func group(of method: String) -> String? { method.hasPrefix("known.") ? "known.*" : "elsewhere" }

    func start(_ call: RPCServerCall) {
        let nanoseconds = (call.deadline - call.eventLoop.now).nanoseconds
        call.succeed(ByteBuffer(string: "\((nanoseconds + 999_999_999) / 1_000_000_000)"))
    }
}
