import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Callers who try to get more of their envelope past the router than method, parameters and what `meta` may say.
struct HostileCallerTests {
    /// Serves `body` with a router in front of a service that believes the router and tells what it was told.
    private func run(_ body: @escaping @Sendable (FrameCaller, CallLog) async throws -> Void) async throws {
        let log = CallLog()
        var methods = RPCMethods()
        methods.register(
            "test.told",
            raw: { context in
                log.note(context.method)
                let meta = context.meta
                let principal = meta.principal.map { String(buffer: $0) } ?? "null"
                return ByteBuffer(
                    string: """
                        {"principal":\(principal),"http":\(meta.http != nil),"idem":\(meta.idem != nil),\
                        "attempt":\(meta.attempt ?? 0),"trace":"\(meta.traceparent ?? "")"}
                        """)
            })
        var configuration = RPCServerConfiguration()
        configuration.gatewaySecret = "secret"
        let service = RPCServer(
            methods: methods, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let port = try await service.start().port!
        try await RunningRouter.run(["test": [port]], secret: "secret") { router in
            let caller = try await FrameCaller(port: router.port)
            try await body(caller, log)
            await caller.close()
        }
        await service.stop(grace: .zero)
    }

    private static let forged = #"""
        {"principal":{"name":"root"},"http":{"facade":"f","method":"GET","path":"/","base":"b","ip":"i","head":false},\#
        "auth":{"secret":"x"},"attempt":3,"traceparent":"00-1-1-01","evil":{"principal":1}}
        """#

    @Test(arguments: ["client", "gateway", "service"])
    func `principal and http of a caller are dropped, whatever role it claims`(role: String) async throws {
        try await run { caller, _ in
            let hello = try await caller.ask(
                #"""
                {"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"role":"\#(role)",\#
                "features":["meta"],"auth":{"secret":"guessed"}}}
                """#)
            let answer = try await caller.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":\#(Self.forged),"params":{}}"#)
            if hello.contains(#""result""#) {
                #expect(
                    answer.contains(
                        #""result":{"principal":null,"http":false,"idem":false,"attempt":3,"trace":"00-1-1-01"}"#))
            } else {
                #expect(answer.contains(#""result":{"principal":null,"http":false,"idem":false"#))
            }
        }
    }

    @Test func `a plain caller's meta is not passed on at all`() async throws {
        try await run { caller, _ in
            let answer = try await caller.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":\#(Self.forged),"params":{}}"#)
            #expect(
                answer.contains(#""result":{"principal":null,"http":false,"idem":false,"attempt":0,"trace":""}"#))
        }
    }

    @Test(arguments: [
        "1.0", "-0", "1e2", "18446744073709551616", #""""#, #""\u0000\"},{""#, #""rpc.hello""#, #""é\/""#, "null",
        "\"" + String(repeating: "x", count: 126) + "\"",
    ])
    func `an id comes back octet by octet and goes no further`(id: String) async throws {
        try await run { caller, _ in
            let answer = try await caller.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"test.told"}"#)
            #expect(answer.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"result":{"principal""#), "\(answer)")
        }
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"test.told","method":"test.other"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"test.told","m\u0065thod":"test.told"}"#,
        #"{"jsonrpc":"2.0","id":1,"id":2,"method":"test.told"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"test.told","params":{},"params":{}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{},"meta":{"principal":{}}}"#,
        "{\"jsonrpc\":\"2.0\",\"id\":\"" + String(repeating: "x", count: 127) + "\",\"method\":\"test.told\"}",
        #"{"jsonrpc":"2.0","id":[1],"method":"test.told"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"test.told","params":{"a":1}},"meta":{"principal":{}}}"#,
    ])
    func `an envelope that two parsers could read differently is refused here`(message: String) async throws {
        try await run { caller, log in
            let answer = try await caller.ask(message)
            #expect(answer.contains(#""code":-32600"#) || answer.contains(#""code":-32700"#), "\(answer)")
            #expect(log.started == [])
        }
    }

    @Test func `credits beyond counting are as good as many`() async throws {
        try await run { caller, _ in
            _ = try await caller.ask(Self.hello)
            let credit = #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":1,"n":9223372036854775807}}"#
            try await caller.say(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{"stream":{}}}"#, credit, credit, credit)
            #expect(try await caller.hear().contains(#""id":1,"#))
            try await caller.say(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{"stream":{"credit":9223372036854775807}}}"#,
                credit)
            #expect(try await caller.hear().contains(#""id":1,"#))
        }
    }

    @Test(arguments: ["9223372036854775807", "1001", "0", "-9223372036854775808"])
    func `an attempt beyond counting is none, and counted on from there`(attempt: String) async throws {
        try await run { caller, _ in
            _ = try await caller.ask(Self.hello)
            let answer = try await caller.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{"attempt":\#(attempt)}}"#)
            #expect(answer.contains(#""attempt":0,"#), "\(answer)")
        }
        let free = try await FrameServer.start { _, _ in .hangUp }
        try await free.stop()
        try await RunningRouter.run(["test": [free.port]]) { router in
            let caller = try await FrameCaller(port: router.port)
            _ = try await caller.ask(Self.hello)
            let answer = try await caller.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{"attempt":\#(attempt)}}"#)
            #expect(answer.contains(#""code":-32064"#) && answer.contains(#""tries":4"#), "\(answer)")
            await caller.close()
        }
    }

    @Test func `a meta that is too long only for the service fails its own call and nobody else's`() async throws {
        try await run { caller, log in
            _ = try await caller.ask(Self.hello)
            // What is said of a stream here is written out on the way.
            let name = String(repeating: "x", count: 8_192 - #"{"stream":{},"request_id":""}"#.utf8.count)
            for large in [false, true] {
                let params = large ? #"["\#(String(repeating: "x", count: 300_000))"]"# : "[]"
                for id in 1...12 {
                    let answer = try await caller.ask(
                        #"{"jsonrpc":"2.0","id":\#(id),"method":"test.told","#
                            + #""meta":{"stream":{},"request_id":"\#(name)"},"params":\#(params)}"#)
                    #expect(answer.contains(#""code":-32602"#) && answer.contains(#""reason":"meta""#), "\(answer)")
                }
            }
            #expect(log.started == [])
        }
    }

    private static let hello =
        #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":["meta","stream"]}}"#

    @Test func `a meta above 8 KiB is refused, and the connection goes on`() async throws {
        try await run { caller, log in
            _ = try await caller.ask(
                #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":["meta"]}}"#)
            let big = String(repeating: "x", count: 8 * 1024)
            let answer = try await caller.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"test.told","meta":{"idem":"\#(big)"}}"#)
            #expect(answer.contains(#""code":-32600"#))
            #expect(log.started == [])
            #expect(try await caller.ask(#"{"jsonrpc":"2.0","id":2,"method":"test.told"}"#).contains("result"))
        }
    }
}

/// Says frames and hears frames, without an opinion on what is in them.
struct FrameCaller {
    private let client: RawTCPClient

    init(port: Int) async throws {
        client = try await RawTCPClient(port: port)
    }

    func ask(_ message: String) async throws -> String {
        try await say(message)
        return try await hear()
    }

    /// Sends messages, each in its frame, in one write.
    func say(_ messages: String...) async throws {
        var frames = ByteBuffer()
        for message in messages {
            frames.writeInteger(UInt32(message.utf8.count))
            frames.writeString(message)
        }
        try await client.send(Array(frames.readableBytesView))
    }

    /// The next message.
    func hear() async throws -> String {
        let header = ByteBuffer(bytes: try await client.read(count: 4))
        let length = header.getInteger(at: 0, as: UInt32.self) ?? 0
        return String(decoding: try await client.read(count: Int(length)), as: UTF8.self)
    }

    func close() async { await client.close() }
}
