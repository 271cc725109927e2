import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@Suite struct RPCReplyMetaTests {
    @Test(arguments: [
        (#"{}"#, 0, nil as Duration?, false),
        (#"{"server_ms":3,"retry_after_ms":250,"replayed":true}"#, 3, .milliseconds(250), true),
        (#"{"server_ms":-1,"retry_after_ms":-5,"replayed":1,"x":[]}"#, 0, .zero, false),
        (#"{"server_ms":"3"}"#, 0, nil, false),
        (#"[1]"#, 0, nil, false),
    ])
    func `unknown members and wrong kinds are ignored`(_ json: String, _ time: Int, _ wait: Duration?, _ replayed: Bool)
    {
        let meta = RPCReplyMeta(json: ByteBuffer(string: json))
        #expect(meta.serverMilliseconds == time)
        #expect(meta.retryAfter == wait)
        #expect(meta.isReplayed == replayed)
    }

    @Test func `members with nothing to say are left out`() {
        var meta = RPCReplyMeta()
        #expect(meta.isEmpty)
        meta.isReplayed = true
        #expect(String(buffer: meta.json) == #"{"replayed":true}"#)
        meta.retryAfter = .microseconds(1500)
        meta.serverMilliseconds = 7
        #expect(String(buffer: meta.json) == #"{"server_ms":7,"retry_after_ms":2,"replayed":true}"#)
    }

    @Test func `the caller hears what the handler said beside its answer`() async throws {
        try await withServer { methods in
            methods.register(
                "stored",
                raw: { context in
                    context.setReplyMeta { $0.isReplayed = true }
                    return ByteBuffer(string: "1")
                })
            methods.register(
                "refused",
                raw: { context in
                    context.setReplyMeta { $0.retryAfter = .milliseconds(40) }
                    throw RPCError(.unavailable, "not now")
                })
            methods.register("echo", raw: { $0.params ?? ByteBuffer() })
        } _: { server in
            let client = server.client()
            let stored = try await client.request("stored")
            #expect(stored.meta.isReplayed)
            #expect(String(buffer: stored.result) == "1")
            let quick = try await client.request("echo", ByteBuffer(string: "{}"))
            #expect(!quick.meta.isReplayed)
            let error = await #expect(throws: RPCError.self) { try await client.call("refused") }
            #expect(error?.retryAfter == .milliseconds(40))
            await client.close()
        }
    }

    @Test func `a peer without meta gets none, and neither does one that has nothing to hear`() async throws {
        try await withServer { methods in
            methods.register(
                "stored",
                raw: { context in
                    context.setReplyMeta { $0.isReplayed = true }
                    return ByteBuffer(string: "1")
                })
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "stored"))
            #expect(try await peer.hear()["meta"] == nil)
            try await peer.hello()
            try await peer.say(request(2, "stored"))
            #expect(try await peer.hear()["meta"]?["replayed"] == true)
            try await peer.say("[\(request(3, "stored"))]")
            #expect(try await peer.hear()[0]?["meta"] == nil)
            await peer.close()
        }
    }
}
