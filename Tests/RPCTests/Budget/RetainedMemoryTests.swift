import JSONBytes
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import RPC

/// What calls that wait keep in memory, beside what is charged for them: they come in reads of up to 64 KiB.
@Suite struct RetainedMemoryTests {
    /// The memory behind the parameters of the calls that came, in order.
    private final class Kept: RPCFallback {
        private let bytes = Mutex<[Int]>([])

        var all: [Int] { bytes.withLock { $0 } }

        func note(_ params: ByteBuffer?) {
            bytes.withLock { $0.append(params?.storageCapacity ?? 0) }
        }

        func start(_ call: RPCServerCall) {
            note(call.params)
            call.succeed(ByteBuffer(string: "true"))
        }
    }

    /// So much a call of a few octets may hold.
    private static let smallBytes = 2 * 1024
    private static let calls = 6
    /// Long frames are work for a debug build: other tests' loops are not kept from theirs.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// `wait` waits at a gate, `look` is over at once.
    private func withKept(
        _ configuration: RPCServerConfiguration = .init(),
        _ body: (_ server: RunningServer, _ gate: Gate, _ waiting: Kept, _ quick: Kept) async throws -> Void
    ) async throws {
        let (gate, waiting, quick) = (Gate(), Kept(), Kept())
        try await withServer(configuration: configuration, group: Self.group) { methods in
            methods.register("wait") { context in
                waiting.note(context.params)
                await gate.wait()
                return ByteBuffer(string: "true")
            }
            methods.register("look") { context in
                quick.note(context.params)
                return ByteBuffer(string: "true")
            }
        } _: { server in
            try await body(server, gate, waiting, quick)
        }
    }

    /// A request behind a long frame, so that it comes with a long read.
    private func send(_ method: String, id: Int, to peer: VectorPeer) async throws {
        let filling = String(repeating: "x", count: 130_000)
        try await peer.say(request(0, "rpc.ping", #"["\#(filling)"]"#), request(id, method, "[\(id)]"))
        try #expect(await peer.hear()["id"] == 0)
    }

    @Test func `tiny calls that wait hold no more than they need, but for the first of their method`() async throws {
        try await withKept { server, gate, waiting, quick in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            for id in 1...Self.calls {
                try await send("wait", id: id, to: peer)
                try await eventually("call \(id)") { waiting.all.count == id }
            }
            #expect(waiting.all.dropFirst().allSatisfy { $0 <= Self.smallBytes }, "\(waiting.all)")
            // Those that do not wait are not copied, which shows what the others would have kept.
            for id in 1...Self.calls {
                try await send("look", id: id, to: peer)
                try #expect(await peer.hear()["id"]?.integer == id)
            }
            #expect(quick.all.reduce(0, +) > Self.calls * Self.smallBytes, "\(quick.all)")
            gate.open()
            await peer.close()
        }
    }

    @Test func `calls that wait for their turn on a plain connection hold no more than they need`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.plainInFlightMax = 1
        try await withKept(configuration) { server, gate, waiting, quick in
            let peer = try await VectorPeer(server)
            try await peer.say(request(0, "wait"))
            try await eventually("the call") { waiting.all.count == 1 }
            for id in 1...Self.calls { try await send("look", id: id, to: peer) }
            gate.open()
            for _ in 0...Self.calls { _ = try await peer.hear() }
            #expect(quick.all.count == Self.calls)
            #expect(quick.all.allSatisfy { $0 <= Self.smallBytes }, "\(quick.all)")
            await peer.close()
        }
    }

    @Test func `calls that are routed hold no more than they need`() async throws {
        let routed = Kept()
        var configuration = RPCServerConfiguration()
        configuration.fallback = routed
        try await withServer(configuration: configuration, group: Self.group, { _ in }) { server in
            let peer = try await VectorPeer(server)
            for id in 1...Self.calls {
                try await send("strange.method", id: id, to: peer)
                try #expect(await peer.hear()["id"]?.integer == id)
            }
            #expect(routed.all.count == Self.calls)
            #expect(routed.all.allSatisfy { $0 <= Self.smallBytes }, "\(routed.all)")
            await peer.close()
        }
    }

    @Test func `a request leaves a read of which it is a small part, with all it says`() throws {
        var read = ByteBuffer(string: #"7{"a":1}{"timeout_ms":5}"#)
        read.reserveCapacity(64 * 1024)
        let request = RequestEnvelope(
            id: RPCMessageID(token: read.readSlice(length: 1)!), method: "m", params: read.readSlice(length: 7),
            meta: read.readSlice(length: 16))
        let detached = request.detachedFromRead()
        #expect(detached == request)
        for part in [detached.id?.token, detached.params, detached.meta] {
            #expect(try #require(part).storageCapacity <= 64)
        }
        #expect(request.params?.storageCapacity ?? 0 >= 64 * 1024)
    }

    @Test func `a request that is most of its read stays where it is`() {
        let params = ByteBuffer(repeating: UInt8(ascii: "x"), count: 40_000)
        let request = RequestEnvelope(id: nil, method: "m", params: params)
        let same = request.detachedFromRead().params
        params.withUnsafeReadableBytes { octets in
            same?.withUnsafeReadableBytes { #expect($0.baseAddress == octets.baseAddress) }
        }
        #expect(same == params)
    }
}
