import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@testable import Gateway

/// Services nobody here wrote, some of them hostile: what they say reaches a caller only as a valid reply to its call.
struct StrangerServiceTests {
    /// Serves `body` with a router in front of a scripted service.
    private func run(
        _ script: @escaping FrameServer.Script,
        _ body: @escaping @Sendable (RPCClient, FrameServer) async throws -> Void
    ) async throws {
        let service = try await FrameServer.start(script)
        try await RunningRouter.run(["strange": [service.port]], retries: .never) { router in
            let client = router.client()
            try await body(client, service)
            await client.close()
        }
        try await service.stop()
    }

    /// The id of a request, as written.
    private static func id(_ message: String) -> String {
        message.firstMatch(of: /"id":(\d+)/).map { String($0.1) } ?? "null"
    }

    private static func reply(_ message: String, _ result: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id(message)),"result":\#(result)}"#
    }

    @Test func `a service that hangs up on hello is spoken to plainly, without meta`() async throws {
        try await run({ message, _ in
            message.contains("rpc.hello") ? .hangUp : .say([Self.reply(message, "1")])
        }) { client, service in
            let options = RPCCallOptions(timeout: .seconds(10), idem: "k")
            _ = try await client.call("strange.call", ByteBuffer(string: #"{"a":1}"#), options: options)
            let call = try #require(service.messages.first { $0.contains("strange.call") })
            #expect(call.hasSuffix(#","method":"strange.call","params":{"a":1}}"#))
        }
    }

    @Test func `a key that a service was never told does not make its calls repeatable`() async throws {
        let service = try await FrameServer.start { message, _ in
            if message.contains("rpc.hello") { return .say([Self.unknown(message)]) }
            return message.contains("strange.call") ? .hangUp : .say([])
        }
        try await RunningRouter.run(["strange": [service.port]]) { router in
            let client = router.client(retries: .init())
            let options = RPCCallOptions(timeout: .seconds(10), idem: "k")
            let error = await #expect(throws: RPCError.self) {
                try await client.call("strange.call", options: options)
            }
            #expect(error?.status == .unavailable && error?.tries == 1)
            #expect(service.messages.count { $0.contains("strange.call") } == 1)
            await client.close()
        }
        try await service.stop()
    }

    @Test func `a keyed call that was sent before is not made at a service that knows no keys`() async throws {
        let service = try await FrameServer.start { message, _ in
            if message.contains("rpc.hello") { return .say([Self.unknown(message)]) }
            return message.contains("strange.call") ? .say([Self.reply(message, "1")]) : .say([])
        }
        try await RunningRouter.run(["strange": [service.port]]) { router in
            let caller = try await FrameCaller(port: router.port)
            _ = try await caller.ask(
                #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":["meta"]}}"#)
            func answer(_ id: Int, _ meta: String) async throws -> String {
                try await caller.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"strange.call","meta":\#(meta)}"#)
            }
            // The gateway that sent it may have been lost with the answer.
            let again = try await answer(1, #"{"idem":"k","attempt":2,"timeout_ms":5000}"#)
            #expect(again.contains(#""reason":"idempotency_unsupported""#) && again.contains(#""tries":"#), "\(again)")
            #expect(!again.contains("not_started"))
            #expect(!service.messages.contains { $0.contains("strange.call") })
            for (id, meta) in [(2, #"{"idem":"k"}"#), (3, #"{"attempt":2}"#)] {
                let answer = try await answer(id, meta)
                #expect(answer.contains(#""result":1"#), "\(answer)")
            }
            await caller.close()
        }
        try await service.stop()
    }

    @Test(arguments: [
        ("a result that is no JSON", #"{"jsonrpc":"2.0","id":ID,"result":{"a":}}"#),
        ("two results", #"{"jsonrpc":"2.0","id":ID,"result":1,"result":2}"#),
        ("result and error", #"{"jsonrpc":"2.0","id":ID,"result":1,"error":{"code":1,"message":""}}"#),
        ("an escaped second result", #"{"jsonrpc":"2.0","id":ID,"result":1,"r\u0065sult":2}"#),
        ("no version", #"{"id":ID,"result":1}"#),
        ("something behind the message", #"{"jsonrpc":"2.0","id":ID,"result":1}}"#),
        ("invalid UTF-8 in its place", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":\"\u{0}\"}"),
    ])
    func `an invalid reply fails the call and is not passed on`(what: String, reply: String) async throws {
        try await run({ message, _ in
            if message.contains("rpc.") { return .say([Self.unknown(message)]) }
            return .say([reply.replacing("ID", with: Self.id(message))])
        }) { client, _ in
            let error = await #expect(throws: RPCError.self) { try await client.call("strange.call") }
            #expect(error?.status == .unavailable, "\(what)")
        }
    }

    @Test func `replies to calls that were never made, and second ones, are dropped`() async throws {
        try await run({ message, _ in
            if message.contains("rpc.") { return .say([Self.unknown(message)]) }
            let true1 = Self.reply(message, "1")
            let others = ["999999", "\"x\"", "1.5", "-1", "18446744073709551616"].map {
                #"{"jsonrpc":"2.0","id":\#($0),"result":"forged"}"#
            }
            return .say(others + [true1, true1, Self.reply(message, "\"forged\"")])
        }) { client, service in
            for _ in 0..<20 {
                let answer = try await client.call("strange.call")
                #expect(String(buffer: answer) == "1")
            }
            #expect(service.connectionCount <= 2, "one for each loop")
        }
    }

    @Test func `a flood of notifications and forged events is read and forgotten`() async throws {
        try await run({ message, _ in
            if message.contains("rpc.") { return .say([Self.unknown(message)]) }
            let flood = (0..<200).flatMap { number in
                [
                    #"{"jsonrpc":"2.0","method":"spam","params":[\#(number)]}"#,
                    #"{"jsonrpc":"2.0","method":"rpc.event","params":{"id":\#(number),"seq":1,"kind":"item","data":1}}"#,
                    #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":\#(number)}}"#,
                ]
            }
            return .say(flood + [Self.reply(message, "1")])
        }) { client, _ in
            for _ in 0..<3 {
                let answer = try await client.call("strange.call")
                #expect(String(buffer: answer) == "1")
            }
        }
    }

    @Test func `a service that says no more than hello does not keep others waiting`() async throws {
        let silent = try await FrameServer.start { _, _ in [] }
        let service = try await FrameServer.start { message, _ in
            .say([message.contains("rpc.") ? Self.unknown(message) : Self.reply(message, "1")])
        }
        try await RunningRouter.run(["silent": [silent.port], "strange": [service.port]], retries: .never) { router in
            let client = router.client()
            let hanging = Task { try await client.call("silent.call", options: .init(timeout: .seconds(1))) }
            let answer = try await client.call("strange.call")
            #expect(String(buffer: answer) == "1")
            let error = await #expect(throws: RPCError.self) { try await hanging.value }
            #expect(error?.status == .deadlineExceeded)
            await client.close()
        }
        try await silent.stop()
        try await service.stop()
    }

    private static func unknown(_ message: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id(message)),"error":{"code":-32601,"message":"no such method"}}"#
    }
}
