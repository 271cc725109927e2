import JSONBytes
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

/// A server that stops, and peers that agreed to be told.
@Suite struct GoawayTests {
    private static let ack = #"{"jsonrpc":"2.0","method":"rpc.goaway_ack"}"#

    @Test func `calls are served until the peer has heard, and refused from then on`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await server.waitingPeer(doors, goaway: true)
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            let goaway = try await peer.hear()
            #expect(goaway["method"] == "rpc.goaway")
            #expect(goaway["params"]?["reason"] == "draining")
            #expect(goaway["params"]?["grace_ms"] == 30_000)
            try await peer.say(request(2, "echo", "[2]"), Self.ack, request(3, "echo", "[3]"))
            #expect(try await peer.hear()["result"]?.elements == [2])
            let refused = try await peer.hear()
            #expect(refused["id"] == 3)
            #expect(refused["error"]?["data"]?["reason"] == "draining")
            #expect(refused["error"]?["data"]?["not_started"] == true)
            doors.gate.open()
            #expect(try await peer.hear()["result"] == true)
            #expect(try await peer.framesToEnd().isEmpty)
            await stop.value
        }
    }

    @Test func `a peer that never answers is refused after a while`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.goawayAckDuration = .milliseconds(30)
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await server.waitingPeer(doors, goaway: true)
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            #expect(try await peer.hear()["method"] == "rpc.goaway")
            try await eventually("a refusal") {
                try await peer.say(request(2, "echo"))
                return try await peer.hear()["error"]?["data"]?["not_started"] == true
            }
            doors.gate.open()
            #expect(try await peer.hear()["id"] == 1)
            await stop.value
        }
    }

    @Test func `a call that only waits is ended at once, to be made again elsewhere`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0, options: .init(isLong: true)) }) { server in
            let peer = try await server.waitingPeer(doors, goaway: true)
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            #expect(try await peer.hear()["method"] == "rpc.goaway")
            let ended = try await peer.hear()
            #expect(ended["id"] == 1)
            #expect(ended["error"]?["code"] == -32064)
            #expect(ended["error"]?["data"]?["reason"] == "draining")
            #expect(ended["error"]?["data"]?["resume"] == true)
            try await peer.say(request(2, "wait"))
            #expect(try await peer.hear()["error"]?["data"]?["not_started"] == true)
            try await peer.say(Self.ack)
            #expect(try await peer.framesToEnd().isEmpty)
            await stop.value
        }
    }

    @Test(arguments: [false, true])
    func `a call of which not all chunks have come when the grace ends surely never began`(hears: Bool) async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.hello(hears ? "goaway" : "cancel", "meta", "xframe")
            try await peer.say(request(1, "wait"))
            try await peer.chunk(#"{"jsonrpc":"2.0","id":2,"method":"echo"}"#, "[1,", isLast: false)
            try await peer.say(request(3, "echo", "[3]"))
            #expect(try await peer.hear()["id"] == 3)
            let stop = Task { await server.server.stop(grace: .milliseconds(50)) }
            if hears { #expect(try await peer.hear()["method"] == "rpc.goaway") }
            let answers = [try await peer.hear(), try await peer.hear()]
            for answer in answers {
                #expect(answer["error"]?["code"] == -32064)
                #expect(answer["error"]?["data"]?["reason"] == "shutdown")
            }
            let half = answers.first { $0["id"] == 2 }
            #expect(half?["error"]?["data"]?["not_started"] == true)
            let begun = answers.first { $0["id"] == 1 }
            #expect(begun != nil && begun?["error"]?["data"]?["not_started"] == nil)
            #expect(try await peer.framesToEnd().isEmpty)
            doors.gate.open()
            await stop.value
        }
    }

    @Test func `calls half-way to a server whose grace ends are made by another, once`() async throws {
        let done = Mutex((first: 0, second: 0))
        var configuration = RPCServerConfiguration()
        configuration.budget = OctetBudget()
        // Room for the credits a call begins with, and none to give more, because somebody's message is older.
        configuration.limits.heldBytesMax = 5 << 18
        let older = configuration.budget.begin()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await withServer(configuration: configuration, group: group) { methods in
            methods.register("count") { _ in
                done.withLock { $0.first += 1 }
                return ByteBuffer(string: "true")
            }
        } _: { first in
            try await withServer(group: group) { methods in
                methods.register("count") { _ in
                    done.withLock { $0.second += 1 }
                    return ByteBuffer(string: "true")
                }
            } _: { second in
                var settings = RPCClientConfiguration()
                settings.toBePatient()
                let client = RPCClient(
                    addresses: [first, second].map { RPCAddress(host: "127.0.0.1", port: $0.port) },
                    configuration: settings, group: group, logger: .quiet)
                let params = array(bytes: 5 << 18)
                // Each goes to the less loaded of the two, so that both get some.
                let calls = (0..<2).map { _ in
                    Task { try await client.call("count", params, options: .init(timeout: .seconds(60))) }
                }
                try await eventually(within: .seconds(30), "a call to be half-way") {
                    configuration.budget.held > 900_000
                }
                await first.server.stop(grace: .zero)
                for call in calls { #expect(try await call.value == ByteBuffer(string: "true")) }
                #expect(done.withLock { $0 == (0, 2) })
                await client.close()
            }
        }
        configuration.budget.end(older)
        try await group.shutdownGracefully()
    }

    @Test func `hello said to a stopping server is answered, then goaway follows`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.plainInFlightMax = 1
        configuration.limits.plainWaitingMax = 1
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            // The second call fills the queue, so hello stays behind it until the server stops.
            let hello = #"{"versions":[1],"features":["goaway"]}"#
            try await peer.say(request(1, "wait"), request(2, "wait"), request(0, "rpc.hello", hello))
            try await eventually { doors.begun == 1 }
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            #expect(try await peer.hear()["result"]?["features"]?.elements == ["goaway"])
            #expect(try await peer.hear()["method"] == "rpc.goaway")
            try await peer.say(Self.ack)
            doors.gate.open()
            let ids = [try await peer.hear()["id"]?.integer, try await peer.hear()["id"]?.integer]
            #expect(Set(ids) == [1, 2])
            #expect(try await peer.framesToEnd().isEmpty)
            await stop.value
        }
    }
}
