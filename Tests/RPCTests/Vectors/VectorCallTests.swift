import JSONBytes
import NIOCore
import NIOPosix
import RPC
import Testing

/// The calls among the language-neutral cases, made by `RPCClient`: with and without hello it gets what they say.
@Suite struct VectorCallTests {
    @Test func `there are calls among the cases`() {
        #expect(VectorCall.all.count > 25)
        #expect(VectorCall.all.contains { $0.expected["error"] != nil })
    }

    @Test(arguments: VectorCall.all, [false, true]) func `is answered as it says`(
        _ call: VectorCall, isPlain: Bool
    ) async throws {
        try await withDemoServer { port in
            var configuration = RPCClientConfiguration()
            configuration.isPlain = isPlain
            configuration.toBePatient()
            let client = RPCClient(
                host: "127.0.0.1", port: port, configuration: configuration,
                group: .singletonMultiThreadedEventLoopGroup,
                logger: .quiet)
            let reply: String
            do {
                let result = try await client.call(call.method, call.params.map { ByteBuffer(bytes: $0) })
                reply = #"{"jsonrpc":"2.0","id":1,"result":\#(String(buffer: result))}"#
            } catch let error as RPCError {
                reply = #"{"jsonrpc":"2.0","id":1,"error":\#(String(buffer: error.json))}"#
            }
            #expect(VectorPattern(json: call.expected).matches(.plain(Array(reply.utf8))), "\(call): \(reply)")
            await client.close()
        }
    }
}

/// A case that is one call with one reply, as a client could have made it.
struct VectorCall: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let method: String
    let params: [UInt8]?
    /// The reply's pattern, for the id that our rewritten reply has.
    let expected: JSONValue

    private static let members: Set = ["jsonrpc", "id", "method", "params"]
    static let all = VectorFile.messages.compactMap(VectorCall.init)

    /// Nil for what no client would send: other versions, batches, mistakes in the envelope.
    private init?(_ vector: VectorCase) {
        guard let text = vector.json["send"]?.string, let message = try? JSONValue(parsing: Array(text.utf8)),
            let names = message.members?.map(\.key), Set(names).count == names.count,
            Self.members.isSuperset(of: names),
            message["jsonrpc"] == "2.0", let method = message["method"]?.string, message["id"] != nil,
            let replies = vector.json["replies"]?.elements, replies.count == 1
        else { return nil }
        let params = message["params"]
        guard params == nil || params?.elements != nil || params?.members != nil else { return nil }
        // An envelope that is refused is answered without the call's id.
        if replies[0]["error"] != nil, replies[0]["id"] == JSONValue.null { return nil }
        testDescription = vector.testDescription
        self.method = method
        self.params = params?.bytes
        let kept = replies[0].members?.filter { $0.key != "id" && $0.key != "id_token" } ?? []
        expected = .object(kept + [JSONMember("id", 1)])
    }
}
