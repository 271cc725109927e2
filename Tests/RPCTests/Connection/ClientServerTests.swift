import Logging
import NIOCore
import NIOPosix
import RPC
import Testing

@Suite struct ClientServerTests {
    @Test func `a call crosses the wire and comes back`() async throws {
        try await withServer { methods in
            methods.register("echo", raw: { $0.params ?? ByteBuffer(string: "null") })
        } _: { server in
            let client = server.client()
            let result = try await client.call("echo", ByteBuffer(string: #"{"a":1}"#))
            #expect(String(buffer: result) == #"{"a":1}"#)
            await client.close()
        }
    }
}
