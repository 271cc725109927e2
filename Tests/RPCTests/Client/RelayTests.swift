import JSONBytes
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

/// A server that forwards what it does not know to another one, as the gateway's router does.
@Suite struct RelayTests {
    @Test func `results, errors, events, streams and cancels pass through`() async throws {
        let doors = Doors()
        try await withServer({ methods in
            doors.register(&methods)
            methods.register(
                "items",
                raw: { context in
                    context.log(ByteBuffer(string: #""begun""#))
                    for number in 1...40 { try await context.item(ByteBuffer(string: "\(number)")) }
                    return ByteBuffer(string: "40")
                })
            methods.registerStream("file") { _, opener in
                let writer = try await opener.open(RPCContent(type: "a/b"))
                try await writer.write(ByteBuffer(repeating: 7, count: 3_000_000))
            }
        }) { backend in
            var configuration = RPCServerConfiguration()
            configuration.fallback = Relay(port: backend.port)
            try await withServer(configuration: configuration, { _ in }) { router in
                try await check(router, doors)
            }
        }
    }

    @Test func `a stopping router closes with its last call, even when a cancel ended that`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { backend in
            var configuration = RPCServerConfiguration()
            configuration.fallback = Relay(port: backend.port)
            try await withServer(configuration: configuration, { _ in }) { router in
                let peer = try await router.waitingPeer(doors)
                let stop = Task { await router.server.stop(grace: .seconds(30)) }
                try await peer.hearsDraining()
                try await peer.say(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}}"#)
                #expect(try await peer.hear()["error"]?["code"] == -32051)
                #expect(try await peer.framesToEnd().isEmpty)
                await stop.value
            }
        }
    }

    private func check(_ router: RunningServer, _ doors: Doors) async throws {
        let client = router.client()
        #expect(String(buffer: try await client.call("echo", ByteBuffer(string: "[1]"))) == "[1]")
        await #expect(throws: RPCError.self) { try await client.call("nothing") }

        let events = client.events("items")
        var kinds: [RPCEvent.Kind] = []
        for try await event in events { kinds.append(event.kind) }
        #expect(kinds == [.log] + Array(repeating: .item, count: 40))

        var octets = 0
        for try await chunk in try await client.stream("file") { octets += chunk.readableBytes }
        #expect(octets == 3_000_000)

        let peer = try await VectorPeer(router)
        try await peer.say(request(1, "file", #"{"offset":65536}"#))
        #expect(try await peer.hear()["result"]?["eof"] == false)

        let call = Task { try await client.call("wait") }
        try await eventually { doors.begun == 1 }
        call.cancel()
        try await eventually { doors.cancelled == 1 }
        await client.close()
    }
}

/// Everything happens on the loop of the caller's connection: one client of the backend per loop.
private final class Relay: RPCFallback {
    private let port: Int
    private let clients = Mutex<[ObjectIdentifier: RPCLoopClient]>([:])

    init(port: Int) {
        self.port = port
    }

    func start(_ call: RPCServerCall) {
        let client = clients.withLock { clients in
            let key = ObjectIdentifier(call.eventLoop)
            if let client = clients[key] { return client }
            let client = RPCLoopClient(eventLoop: call.eventLoop, host: "127.0.0.1", port: port, logger: .quiet)
            clients[key] = client
            return client
        }
        let relayed = RelayedCall(call)
        call.observer = relayed
        var meta = RPCMeta()
        meta.timeout = call.meta.timeout
        meta.stream = call.meta.stream
        relayed.handle = client.start(
            RPCCallRequest(method: call.method, params: call.params, meta: meta), receiver: relayed)
    }
}

private final class RelayedCall: RPCCallReceiver, RPCServerCallObserver {
    private let call: RPCServerCall
    var handle: RPCCallHandle?

    init(_ call: RPCServerCall) {
        self.call = call
    }

    func callSucceeded(_ result: ByteBuffer) { call.succeed(result) }
    func callFailed(_ error: RPCError) { call.fail(error) }
    func callContent(_ content: RPCContent) { call.open(content) }
    func callChunk(_ octets: ByteBuffer, isLast: Bool) { call.send(chunk: octets, isLast: isLast) }
    func callEvent(_ event: RPCEvent) {
        switch event.kind {
        case .progress: call.progress(event.data)
        case .item: call.item(event.data)
        case .log: call.log(event.data)
        }
    }
    func callCancelled(_ call: RPCServerCall, reason: RPCCancelReason) { handle?.cancel(reason: reason.rawValue) }
    func callCredited(_ call: RPCServerCall, count: Int) { handle?.grantCredit(count) }
}
