import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

/// Long calls and replies between a client and a server, both ours.
@Suite struct ChunkedMessageTests {
    @Test(arguments: [262_144, 262_145, 1 << 20, 5_000_000])
    func `a long call gets its long reply`(count: Int) async throws {
        try await withServer {
            Doors().register(&$0)
        } _: { server in
            let client = server.client()
            let params = array(bytes: count)
            try #expect(await client.call("echo", params) == params)
            await client.close()
        }
    }

    @Test func `many long calls at once, and small ones between them, are all answered`() async throws {
        try await withServer {
            Doors().register(&$0)
        } _: { server in
            let client = server.client()
            try await withThrowingTaskGroup { group in
                for index in 0..<8 {
                    group.addTask {
                        let params = array(bytes: 400_000 + index * 100_000)
                        try #expect(await client.call("echo", params) == params)
                    }
                    group.addTask {
                        for number in 0..<50 {
                            let params = ByteBuffer(string: "[\(index),\(number)]")
                            try #expect(await client.call("echo", params) == params)
                        }
                    }
                }
                try await group.waitForAll()
            }
            await client.close()
        }
    }

    @Test func `what the server does not take is not sent`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.frameBytesMax = 300_000
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let client = server.client()
            let error = await #expect(throws: RPCError.self) { try await client.call("echo", array(bytes: 300_001)) }
            #expect(error?.code == RPCError.tooLarge)
            let params = array(bytes: 300_000)
            try #expect(await client.call("echo", params) == params)
            await client.close()
        }
    }

    @Test func `what the client does not take is answered with an error in its place`() async throws {
        var configuration = RPCClientConfiguration()
        configuration.frameBytesMax = 100_000
        try await withServer { methods in
            methods.register("long", raw: { _ in array(bytes: 100_001) })
            methods.register("short", raw: { _ in array(bytes: 90_000) })
        } _: { server in
            let client = server.client(configuration: configuration)
            let error = await #expect(throws: RPCError.self) { try await client.call("long") }
            #expect(error?.code == RPCError.tooLarge)
            try #expect(await client.call("short").readableBytes == 90_000)
            await client.close()
        }
    }

    @Test func `a server that stops finishes the chunks of its replies`() async throws {
        let (begun, door) = (Gate(), Gate())
        try await withServer { methods in
            methods.register(
                "long",
                raw: { _ in
                    begun.open()
                    await door.wait()
                    return array(bytes: 3_000_000)
                })
        } _: { server in
            let client = server.client()
            async let reply = client.call("long")
            await begun.wait()
            async let stopped: Void = server.server.stop(grace: .seconds(20))
            door.open()
            try #expect(await reply.readableBytes == 3_000_000)
            await client.close()
            await stopped
        }
    }

    @Test func `a long call to an unknown method is refused before it has come`() async throws {
        try await withServer {
            Doors().register(&$0)
        } _: { server in
            let client = server.client()
            let error = await #expect(throws: RPCError.self) { try await client.call("no", array(bytes: 4_000_000)) }
            #expect(error?.code == RPCError.methodNotFound)
            try #expect(await client.call("echo", ByteBuffer(string: "[1]")) == ByteBuffer(string: "[1]"))
            await client.close()
        }
    }
}

/// An array that is so many octets of JSON.
func array(bytes count: Int) -> ByteBuffer {
    var buffer = ByteBuffer(string: "[\"")
    buffer.writeRepeatingByte(UInt8(ascii: "x"), count: count - 4)
    buffer.writeString("\"]")
    return buffer
}
