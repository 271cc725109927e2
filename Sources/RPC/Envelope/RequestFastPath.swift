import JSONBytes
import NIOCore

/// Recognises requests written the way we write them: `{"jsonrpc":"2.0","id":…,"method":"…","meta":{…},"params":…}`.
///
/// Once the fixed octets are matched, the text is a request with exactly these members if and only if what stands
/// between `"params":` and the last brace is one JSON value. Any doubt answers nil, and the full scan decides.
enum RequestFastPath {
    static func parse(_ frame: ByteBuffer) -> RequestEnvelope? {
        frame.withUnsafeReadableBytes { bytes in
            var cursor = EnvelopeCursor(bytes)
            guard cursor.skip(#"{"jsonrpc":"2.0","#) else { return nil }
            var id: RPCMessageID?
            if cursor.skip(#""id":"#) {
                guard let range = cursor.idToken(), cursor.skip(",") else { return nil }
                id = RPCMessageID(token: frame.slice(range))
            }
            guard cursor.skip(#""method":""#), let name = cursor.plainText() else { return nil }
            var request = RequestEnvelope(id: id, method: String(decoding: bytes[name], as: UTF8.self))
            if cursor.skip(#","meta":"#) {
                guard let meta = cursor.object(bytesMax: RPCMeta.bytesMax) else { return nil }
                request.meta = frame.slice(meta)
            }
            if cursor.isAtLastBrace { return request }
            guard cursor.skip(#","params":"#), let params = cursor.structuredRest() else { return nil }
            request.params = frame.slice(params)
            return request
        }
    }
}

extension ByteBuffer {
    /// A part of the readable octets, by offset from the first of them; shares their memory.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count)!
    }
}
