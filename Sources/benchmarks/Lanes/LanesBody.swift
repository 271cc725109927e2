import NIOCore

/// A body of 50 MB: one long text.
enum LanesBody {
    static let octets = {
        let (begin, end) = (#"{"note":""#, #""}"#)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000_000 - begin.utf8.count - end.utf8.count)
        return Array(begin.utf8) + text + Array(end.utf8)
    }()
    static let buffer = ByteBuffer(bytes: octets)
}
