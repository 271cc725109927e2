import NIOCore
import RPC
import Testing

/// Long frames, checked while they come: whatever the pieces, the answer is that of the whole.
@Suite struct FrameCheckTests {
    private static let padding = #""\#(String(repeating: "x", count: 200_000))""#

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":[P]}"#,
        #"{"params":{"a":P},"id":"é","x":P,"method":"m","jsonrpc":"2.0"}"#,
        #" { "jsonrpc" : "2.0" , "meta":{}, "id" : 1.0 , "\u006dethod" : "m" , "params" : [ P ] } "#,
        #"[{"jsonrpc":"2.0","id":1,"method":"m","params":[P]},1]"#,
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":[P],"id":2}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":P}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":[P,]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"m","params":[P]"#,
        #"P"#,
    ])
    func `a request in pieces is the request as a whole`(template: String) throws {
        let json = ByteBuffer(
            string: template.split(separator: "P", omittingEmptySubsequences: false).joined(separator: Self.padding))
        let whole = describe(RequestParser.parse(json))
        for step in [1000, 65_536, 199_999] {
            let (found, check) = try pieces(of: json, step: step)
            #expect(check != nil)
            #expect(describe(RequestParser.parse(found, checked: check)) == whole, "in steps of \(step)")
        }
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"result":P}"#, #"{"id":1,"meta":{"server_ms":3},"result":[P],"jsonrpc":"2.0"}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":P}}"#, #"{"jsonrpc":"2.0","id":1,"result":P,}"#,
    ])
    func `a reply in pieces is the reply as a whole`(template: String) throws {
        let json = ByteBuffer(
            string: template.split(separator: "P", omittingEmptySubsequences: false).joined(separator: Self.padding))
        let (found, check) = try pieces(of: json, step: 65_536)
        #expect("\(ReplyParser.parse(found, checked: check))".count == "\(ReplyParser.parse(json))".count)
        #expect(check != nil)
    }

    @Test func `short frames and chunks are not checked twice`() throws {
        let (_, check) = try pieces(of: ByteBuffer(string: "[\(String(repeating: " ", count: 65_000))]"), step: 1000)
        #expect(check == nil)
    }

    /// Feeds a frame to a reader piece by piece; the frame, and what was found on the way.
    private func pieces(of json: ByteBuffer, step: Int) throws -> (ByteBuffer, FrameCheck?) {
        var octets = ByteBuffer(integer: UInt32(json.readableBytes))
        octets.writeImmutableBuffer(json)
        var reader = FrameReader(frameBytesMax: 1 << 24)
        while octets.readableBytes > 0 {
            reader.append(octets.readSlice(length: min(step, octets.readableBytes))!)
            if case .plain(let found)? = reader.next() { return (found, reader.takeCheck()) }
        }
        throw ChannelError.eof
    }

    private func describe(_ message: RequestMessage) -> String {
        switch message {
        case .single(let request):
            "\(request.method) \(request.id?.description ?? "-") \(request.params?.readableBytes ?? -1) \(request.meta != nil)"
        case .batch(let items): "batch of \(items.count)"
        case .invalid(let error, let id): "\(error) \(id)"
        }
    }
}
