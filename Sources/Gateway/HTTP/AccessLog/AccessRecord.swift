import NIOCore
import NIOHTTP1

/// What the access log says of one request; it begins with the head and is written when the answer is out.
///
/// The query is left out: keys and signatures stand there.
final class AccessRecord {
    let facade: String
    let method: String
    let path: Substring
    let ip: String
    let started: NIODeadline
    /// What the connection had written before this answer.
    let octetsWrittenBefore: Int
    /// `operationId`; nil when the request led to none.
    var route: String?
    var requestID: String?
    var traceparent: String?
    /// For whom the call is made, once a key or token has said so.
    var principal: String?
    /// Nil while nothing is answered: nobody waited for the answer.
    var status: Int?
    var octetsRead = 0

    init(facade: String, _ head: HTTPRequestHead?, ip: String, started: NIODeadline, octetsWrittenBefore: Int) {
        self.facade = facade
        method = head?.method.rawValue ?? ""
        path = head.map { $0.uri.prefix { $0 != "?" } } ?? ""
        self.ip = ip
        self.started = started
        self.octetsWrittenBefore = octetsWrittenBefore
    }

    /// One line of JSON. Whatever a client sent is a quoted and bounded string in it.
    func line(octetsWritten: Int, now: NIODeadline) -> ByteBuffer {
        var line = ByteBufferAllocator().buffer(capacity: 512)
        line.writeString("{\"time\":\"\(TimeText.utc(milliseconds: LoopClock.milliseconds()))\"")
        line.writeMember("facade", facade)
        line.writeMember("method", method)
        line.writeMember("route", route)
        line.writeMember("path", String(decoding: path.utf8.prefix(pathOctetsMax), as: UTF8.self))
        line.writeString(",\"status\":\(status ?? clientLeftStatus),\"bytes_in\":\(octetsRead)")
        line.writeString(",\"bytes_out\":\(octetsWritten - octetsWrittenBefore)")
        let microseconds = (now - started).nanoseconds / 1_000
        let thousandths = String(1_000 + microseconds % 1_000).dropFirst()
        line.writeString(",\"ms\":\(microseconds / 1_000).\(thousandths)")
        line.writeMember("request_id", requestID)
        line.writeMember("trace_id", traceparent.map { String($0.dropFirst(3).prefix(32)) })
        line.writeMember("principal", principal)
        line.writeMember("ip", ip)
        line.writeStaticString("}\n")
        return line
    }
}

extension ByteBuffer {
    /// `,"name":"value"`, or null.
    fileprivate mutating func writeMember(_ name: StaticString, _ value: String?) {
        writeString(",\"\(name)\":")
        if let value { writeJSONString(value) } else { writeStaticString("null") }
    }
}

/// Longer paths are cut: a line stays a line that people and machines can take.
private let pathOctetsMax = 1_024

/// What the log says of a request nobody waited for; nginx made the number known.
let clientLeftStatus = 499
