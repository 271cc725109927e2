import Foundation
import JSONBytes
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

/// Byte streams saved as files: whole or not at all.
@Suite struct DownloadTests {
    private static let total = 40 * 64 * 1024 + 17
    private static let whole = [UInt8]((0..<total).map { UInt8(truncatingIfNeeded: $0 % 251) })

    private let directory: TemporaryDirectory
    private var path: String { directory.path("file.zip") }
    private var octets: [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }
    private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [] }

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: [false, true]) func `a download is there whole, and tells how much has come`(
        isPlain: Bool
    ) async throws {
        try await withServer(Self.offerFile) { server in
            var configuration = RPCClientConfiguration()
            configuration.isPlain = isPlain
            let client = server.client(configuration: configuration)
            let told = Shared<[Int]>([])
            let sizes = Shared<Set<Int?>>([])
            try directory.write("before", to: "file.zip")
            let content = try await client.download("file", to: path) { count, size in
                told.change { $0.append(count) }
                sizes.change { _ = $0.insert(size) }
            }
            #expect(content == (isPlain ? RPCContent(type: "application/octet-stream") : Self.content))
            #expect(octets == Self.whole)
            #expect(names == ["file.zip"])
            #expect(told.value.last == Self.total && told.value == told.value.sorted())
            #expect(sizes.value == [isPlain ? nil : Self.total])
            await client.close()
        }
    }

    @Test func `an empty download is an empty file`() async throws {
        try await withServer({ methods in
            methods.registerStream("file") { _, opener in _ = try await opener.open(RPCContent(type: "a/b", size: 0)) }
        }) { server in
            let client = server.client()
            try await client.download("file", to: path)
            #expect(octets == [])
            await client.close()
        }
    }

    @Test(
        arguments: [
            (.cut, .unavailable, "connection_lost"), (.breaks, .dataLoss, nil), (.isShort, .dataLoss, "size"),
        ] as [(Ending, RPCStatus, String?)])
    func `what does not come whole leaves what was there and nothing else`(
        ending: Ending, status: RPCStatus, reason: String?
    ) async throws {
        let server = try await FrameServer.start { message, _ in Self.half(message, then: ending) }
        let client = self.client(of: server, triesMax: 1)
        try directory.write("before", to: "file.zip")
        let error = await #expect(throws: RPCError.self) { try await client.download("file", to: path) }
        #expect(error?.status == status && error?.reason == reason, "\(error as Any)")
        #expect(octets == Array("before".utf8))
        #expect(names == ["file.zip"])
        await client.close()
        try await server.stop()
    }

    @Test func `a download that was cut begins again`() async throws {
        let server = try await FrameServer.start { message, connection in
            Self.half(message, then: connection < 2 ? .cut : .whole)
        }
        let client = self.client(of: server, triesMax: 4)
        let content = try await client.download("file", to: path)
        #expect(content.size == 10)
        #expect(octets == Array("1234567890".utf8))
        #expect(names == ["file.zip"])
        #expect(server.connectionCount == 3)
        await client.close()
        try await server.stop()
    }

    @Test(arguments: [(4, true, 4), (4, false, 1), (1, true, 1)])
    func `a download that is cut again and again is given up`(triesMax: Int, isIdempotent: Bool, count: Int)
        async throws
    {
        let server = try await FrameServer.start { message, _ in Self.half(message, then: .cut) }
        let client = self.client(of: server, triesMax: triesMax)
        await #expect(throws: RPCError.self) {
            try await client.download("file", to: path, options: .init(isIdempotent: isIdempotent))
        }
        #expect(server.connectionCount == count)
        #expect(names.isEmpty)
        await client.close()
        try await server.stop()
    }

    // asked for   0 ├ 3 octets ┤   3 hangs up   3 ├ 3 ┤   6 ├ 3 ┤   9 ├ 1, the end ┤
    @Test func `pieces go on where they were cut`() async throws {
        let asked = Shared<[Int]>([])
        let server = try await FrameServer.start { message, _ in
            guard let call = try? JSONValue(parsing: Array(message.utf8)), let id = call["id"] else { return .hangUp }
            let offset = call["params"]?["offset"]?.integer ?? 0
            let isCut = asked.change { asked in
                asked.append(offset)
                return asked == [0, 3]
            }
            if isCut { return .hangUp }
            let piece = Data("1234567890".utf8.dropFirst(offset).prefix(3)).base64EncodedString()
            let result = #"{"base64":"\#(piece)","offset":\#(offset),"eof":\#(offset == 9)}"#
            return .say([#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#])
        }
        let client = self.client(of: server, triesMax: 4, isPlain: true)
        try await client.download("file", to: path)
        #expect(octets == Array("1234567890".utf8))
        #expect(asked.value == [0, 3, 3, 6, 9])
        await client.close()
        try await server.stop()
    }

    @Test func `pieces that do not fit together are no file`() async throws {
        let reply = #"{"base64":"MTIz","offset":0,"eof":false}"#
        try await withServer({ $0.register("file", raw: { _ in ByteBuffer(string: reply) }) }) { server in
            let client = server.client()
            let error = await #expect(throws: RPCError.self) { try await client.download("file", to: path) }
            #expect(error?.status == .dataLoss)
            #expect(names.isEmpty)
            await client.close()
        }
    }

    @Test func `a download that is cancelled leaves nothing`() async throws {
        let begun = Gate()
        try await withServer({ methods in
            methods.registerStream("file") { _, opener in
                let writer = try await opener.open(RPCContent(type: "a/b"))
                while true { try await writer.write(ByteBuffer(repeating: 1, count: 100_000)) }
            }
        }) { server in
            let client = server.client()
            let path = path
            let download = Task {
                try await client.download("file", to: path) { octets, _ in if octets > 3 << 20 { begun.open() } }
            }
            await begun.wait()
            #expect(names.count == 1)
            download.cancel()
            await #expect(throws: CancellationError.self) { try await download.value }
            #expect(names.isEmpty)
            await client.close()
        }
    }

    @Test func `a file that cannot be made is no call`() async throws {
        let server = try await FrameServer.start { _, _ in .hangUp }
        let client = self.client(of: server, triesMax: 4)
        let error = await #expect(throws: IOError.self) {
            try await client.download("file", to: directory.path("nowhere/file.zip"))
        }
        #expect(error?.errnoCode == ENOENT)
        #expect(server.connectionCount == 0)
        await client.close()
        try await server.stop()
    }

    // MARK: Servers

    private static let content = RPCContent(type: "a/b", name: "f", size: total)

    private static func offerFile(_ methods: inout RPCMethods) {
        methods.registerStream("file") { _, opener in
            let writer = try await opener.open(content)
            try await writer.write(ByteBuffer(bytes: whole))
        }
    }

    /// How a stream of ten octets ends after the fifth.
    enum Ending: Sendable { case cut, breaks, isShort, whole }

    private static func half(_ message: String, then ending: Ending) -> FrameServer.Answer {
        guard let call = try? JSONValue(parsing: Array(message.utf8)), let id = call["id"] else { return .hangUp }
        if call["method"] == "rpc.hello" {
            let hello = RPCHello(
                peer: "double/1", role: "service", limits: RPCHelloLimits(frameBytesMax: 1 << 20, inFlightMax: 8))
            return .say([#"{"jsonrpc":"2.0","id":\#(id),"result":\#(String(buffer: hello.result))}"#])
        }
        let first = VectorOctets.extended(
            flags: 6, header: #"{"jsonrpc":"2.0","id":\#(id),"content":{"type":"a/b","size":10}}"#,
            payload: Array("12345".utf8))
        let last = VectorOctets.extended(flags: 2, header: #"{"jsonrpc":"2.0","id":\#(id)}"#, payload: [])
        switch ending {
        case .cut: return .send(first, thenHangUp: true)
        case .breaks:
            let error = #"{"code":-32065,"message":"gone","data":{"status":"DATA_LOSS"}}"#
            let reply = VectorOctets.framed(Array(#"{"jsonrpc":"2.0","id":\#(id),"error":\#(error)}"#.utf8))
            return .send(first + reply)
        case .isShort: return .send(first + last)
        case .whole:
            let rest = VectorOctets.extended(
                flags: 2, header: #"{"jsonrpc":"2.0","id":\#(id)}"#, payload: Array("67890".utf8))
            return .send(first + rest)
        }
    }

    private func client(of server: FrameServer, triesMax: Int, isPlain: Bool = false) -> RPCClient {
        var configuration = RPCClientConfiguration()
        configuration.isPlain = isPlain
        configuration.retries.triesMax = triesMax
        configuration.retries.delayMin = .milliseconds(1)
        configuration.backoffMin = .milliseconds(1)
        configuration.toBePatient()
        return RPCClient(
            host: "127.0.0.1", port: server.port, configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
    }
}
