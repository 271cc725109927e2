import NIOCore
import RPC
import Testing

@Suite struct RPCMetaTests {
    @Test func `meta survives the wire`() throws {
        var meta = RPCMeta()
        meta.timeout = .milliseconds(1234)
        meta.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        meta.requestID = "r\"1"
        meta.idem = "key"
        meta.attempt = 2
        meta.principal = ByteBuffer(string: #"{"sub":"u"}"#)
        meta.stream = RPCStreamOptions(credit: 4, after: 17)
        meta.callerIsPlain = true
        meta.http = RPCHTTPInfo(
            facade: "export", method: "GET", path: "/v1/down/1/2/a.zip", base: "http://h:8080", ip: "127.0.0.1",
            range: "bytes=0-9", ifNoneMatch: "\"e\"", head: true)
        let read = RPCMeta(json: try #require(meta.json))
        #expect(read.timeout == meta.timeout)
        #expect(read.traceparent == meta.traceparent)
        #expect(read.requestID == meta.requestID)
        #expect(read.idem == meta.idem)
        #expect(read.attempt == meta.attempt)
        #expect(read.principal == meta.principal)
        #expect(read.stream == meta.stream)
        #expect(read.callerIsPlain)
        #expect(read.http == meta.http)
    }

    @Test func `nothing said is nothing sent`() {
        #expect(RPCMeta().json == nil)
    }

    @Test func `members of another kind are ignored`() {
        let meta = RPCMeta(json: ByteBuffer(string: #"{"timeout_ms":"5","request_id":7,"stream":1,"http":[]}"#))
        #expect(meta.timeout == nil)
        #expect(meta.requestID == nil)
        #expect(meta.stream == nil)
        #expect(meta.http == nil)
    }

    @Test func `names may be written with escapes, and others mean nothing`() {
        let json = #"{"":1,"htt":{},"\u0069dem":"k","timeout\u005fms":7,"time_outs_":8,"plain\n":true,"\u0000":1}"#
        let meta = RPCMeta(json: ByteBuffer(string: json))
        #expect(meta.idem == "k" && meta.timeout == .milliseconds(7))
        #expect(meta.http == nil && !meta.callerIsPlain && meta.requestID == nil)
    }

    @Test func `a content survives the wire`() {
        let content = RPCContent(
            type: "application/zip", name: "表.zip", size: 10, range: .init(first: 0, last: 9, total: 100),
            etag: "\"x\"", modified: 1_700_000_000, status: 206)
        #expect(RPCContent(json: content.json) == content)
        #expect(RPCContent(json: ByteBuffer(string: "{}")) == nil)
    }

    @Test func `an event survives the wire, its call's id first`() throws {
        let event = RPCEvent(seq: 3, kind: .item, data: ByteBuffer(string: "[1]"))
        let params = event.parameters(id: RPCMessageID(7))
        #expect(String(buffer: params).hasPrefix(#"{"id":7,"#))
        let read = try #require(RPCEvent.read(params))
        #expect(read.id == RPCMessageID(7))
        #expect(read.event == event)
    }
}
