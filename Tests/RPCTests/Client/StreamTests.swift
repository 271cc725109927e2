import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

@Suite struct StreamTests {
    private static let total = 40 * 64 * 1024 + 17

    @Test func `a byte stream arrives whole, in chunks of 64 KiB`() async throws {
        try await withServer(Self.offerFile) { server in
            let client = server.client()
            let stream = try await client.stream("file")
            #expect(stream.content == RPCContent(type: "a/b", name: "f", size: Self.total))
            var octets = ByteBuffer()
            for try await chunk in stream {
                #expect(chunk.readableBytes <= 64 * 1024)
                octets.writeImmutableBuffer(chunk)
            }
            #expect(octets == Self.file)
            await client.close()
        }
    }

    /// Whoever waits for a whole reply goes on asking for it, however few chunks the call allowed at first.
    @Test(arguments: [1, 4]) func `a long reply comes whole with any credit`(credit: Int) async throws {
        let reply = array(bytes: 5 * 64 * 1024)
        try await withServer { methods in
            methods.register("long") { context in
                for number in 0..<3 { try await context.item(ByteBuffer(string: "\(number)")) }
                return reply
            }
        } _: { server in
            let client = server.client()
            var options = RPCCallOptions(timeout: .seconds(60))
            options.meta.stream = RPCStreamOptions(credit: credit)
            let events = client.events("long", options: options)
            var items = 0
            for try await event in events where event.kind == .item { items += 1 }
            #expect(items == 3)
            #expect(try await events.result() == reply)
            await client.close()
        }
    }

    @Test func `what is not read is not sent`() async throws {
        let written = Counter()
        try await withServer({ Self.offerEndless(&$0, written) }) { server in
            let client = server.client()
            let stream = try await client.stream("endless")
            try await eventually { written.value == RPCStreamOptions.creditDefault }
            var iterator = stream.makeAsyncIterator()
            for _ in 0..<8 { _ = try await iterator.next() }
            try await eventually { written.value == RPCStreamOptions.creditDefault + 8 }
            await client.close()
        }
    }

    @Test(arguments: [1, 3, 40]) func `a stream with a window of its own comes to its end`(credit: Int) async throws {
        try await withServer(Self.offerFile) { server in
            let client = server.client()
            var meta = RPCMeta()
            meta.stream = RPCStreamOptions(credit: credit)
            var count = 0
            let stream = try await client.stream("file", options: .init(timeout: .seconds(15), meta: meta))
            for try await chunk in stream { count += chunk.readableBytes }
            #expect(count == Self.total)
            await client.close()
        }
    }

    @Test func `a stream forgotten ends its call`() async throws {
        let written = Counter()
        try await withServer({ Self.offerEndless(&$0, written) }) { server in
            let client = server.client()
            do {
                let stream = try await client.stream("endless")
                for try await _ in stream { break }
            }
            try await eventually { written.isCancelled }
            await client.close()
        }
    }

    @Test func `a stream nobody takes credit for is given up`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.creditDuration = .milliseconds(50)
        let written = Counter()
        try await withServer(configuration: configuration, { Self.offerEndless(&$0, written) }) { server in
            let client = server.client()
            let stream = try await client.stream("endless")
            try await eventually { written.isCancelled }
            do {
                for try await _ in stream {}
                Issue.record("a cut stream must not end cleanly")
            } catch let error as RPCError {
                #expect(error.status == .aborted)
                #expect(error.reason == "stalled")
            }
            await client.close()
        }
    }

    @Test func `a stream cut by its server throws`() async throws {
        try await withServer({ methods in
            methods.registerStream("cut") { _, opener in
                let writer = try await opener.open(RPCContent(type: "a/b"))
                try await writer.write(ByteBuffer(string: "half"))
                throw RPCError(.dataLoss, reason: "disk", "the file ends here")
            }
        }) { server in
            let client = server.client()
            await #expect(throws: RPCError.self) {
                for try await chunk in try await client.stream("cut") { #expect(String(buffer: chunk) == "half") }
            }
            await client.close()
        }
    }

    @Test func `a plain peer reads piece by piece`() async throws {
        try await withServer(Self.offerFile) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "file", #"{"offset":\#(Self.total - 10)}"#))
            let last = try await peer.hear()["result"]
            #expect(last?["eof"] == true)
            #expect(last?["offset"]?.integer == Self.total - 10)
            #expect(last?["base64"]?.string?.utf8.count == 16)
        }
    }

    @Test(arguments: [0, 1, 64 * 1024, 64 * 1024 + 1, total])
    func `whoever can begin in the middle writes each octet once, however many pieces are asked for`(
        size: Int
    ) async throws {
        let written = Shared(0)
        try await withServer({ methods in
            methods.registerStream("file") { _, opener in
                let writer = try await opener.open(RPCContent(type: "a/b", size: size))
                let wanted = await writer.wanted(ofLast: size)
                written.change { $0 += wanted.count }
                try await writer.write(Self.file.getSlice(at: wanted.lowerBound, length: wanted.count)!)
            }
        }) { server in
            for isPlain in [true, false] {
                var configuration = RPCClientConfiguration()
                configuration.isPlain = isPlain
                let client = server.client(configuration: configuration)
                var octets = ByteBuffer()
                for try await piece in try await client.stream("file") { octets.writeImmutableBuffer(piece) }
                #expect(octets == Self.file.getSlice(at: 0, length: size))
                #expect(written.value == size)
                written.change { $0 = 0 }
                await client.close()
            }
        }
    }

    @Test(arguments: [nil, "{}", #"{ "name": "f", "offset": 70000 }"#])
    func `a client without streams reads the same octets`(params: String?) async throws {
        try await withServer(Self.offerFile) { server in
            var configuration = RPCClientConfiguration()
            configuration.isPlain = true
            let client = server.client(configuration: configuration)
            let stream = try await client.stream("file", params.map { ByteBuffer(string: $0) })
            #expect(stream.content == RPCContent(type: "application/octet-stream"))
            var octets = ByteBuffer()
            for try await piece in stream { octets.writeImmutableBuffer(piece) }
            let start = params?.contains("70000") == true ? 70_000 : 0
            #expect(octets == Self.file.getSlice(at: start, length: Self.total - start))
            await client.close()
        }
    }

    @Test(
        arguments: [
            ("true", .failedPrecondition), (#"{"base64":"!","offset":0,"eof":true}"#, .failedPrecondition),
            (#"{"base64":"","offset":0,"eof":false}"#, .dataLoss),
            (#"{"base64":"AAAA","offset":0,"eof":false}"#, .dataLoss),
        ] as [(String, RPCStatus)])
    func `pieces that do not fit together are no stream`(reply: String, status: RPCStatus) async throws {
        try await withServer({ $0.register("file", raw: { _ in ByteBuffer(string: reply) }) }) { server in
            let client = server.client()
            let error = await #expect(throws: RPCError.self) {
                for try await _ in try await client.stream("file") {}
            }
            #expect(error?.status == status)
            await client.close()
        }
    }

    @Test func `items wait for their reader and come before the reply`() async throws {
        try await withServer({ methods in
            methods.register(
                "count",
                raw: { context in
                    for number in 1...100 { try await context.item(ByteBuffer(string: "\(number)")) }
                    context.progress(ByteBuffer(string: "100"))
                    return ByteBuffer(string: #""done""#)
                })
        }) { server in
            let client = server.client()
            let events = client.events("count")
            var items: [String] = []
            for try await event in events where event.kind == .item { items.append(String(buffer: event.data)) }
            #expect(items == (1...100).map(String.init))
            #expect(String(buffer: try await events.result()) == #""done""#)
            await client.close()
        }
    }

    private static let file = ByteBuffer(bytes: (0..<total).map { UInt8(truncatingIfNeeded: $0 % 251) })

    private static func offerFile(_ methods: inout RPCMethods) {
        methods.registerStream("file") { _, opener in
            let writer = try await opener.open(RPCContent(type: "a/b", name: "f", size: total))
            try await writer.write(file)
        }
    }

    private static func offerEndless(_ methods: inout RPCMethods, _ written: Counter) {
        methods.registerStream("endless") { _, opener in
            let writer = try await opener.open(RPCContent(type: "a/b"))
            do {
                while true {
                    try await writer.write(ByteBuffer(repeating: 1, count: 1000))
                    written.add()
                }
            } catch {
                written.cancel()
                throw error
            }
        }
    }
}

/// Counts what a handler did.
private final class Counter: Sendable {
    private let state = Mutex((count: 0, isCancelled: false))

    var value: Int { state.withLock { $0.count } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    func add() { state.withLock { $0.count += 1 } }
    func cancel() { state.withLock { $0.isCancelled = true } }
}
