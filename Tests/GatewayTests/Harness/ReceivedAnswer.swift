import TestSupport

/// An HTTP answer as it came over a raw socket.
struct ReceivedAnswer {
    let status: Int
    /// Names in lower case; of a repeated field the last one.
    let fields: [String: String]
    let head: String
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RawTCPClient {
    /// Reads one answer; to a HEAD request there is no body.
    func answer(isHead: Bool = false, within limit: Duration = .seconds(10)) async throws -> ReceivedAnswer {
        let head = try await read(until: "\r\n\r\n", within: limit)
        let lines = head.split(separator: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: ":")!
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let hasBody = !isHead && status >= 200 && status != 204 && status != 304
        let body = hasBody ? try await body(fields, within: limit) : []
        return ReceivedAnswer(status: status, fields: fields, head: head, body: body)
    }

    /// Sends a request and reads its answer.
    func ask(_ request: String) async throws -> ReceivedAnswer {
        try await send(request)
        return try await answer(isHead: request.hasPrefix("HEAD"))
    }

    private func body(_ fields: [String: String], within limit: Duration) async throws -> [UInt8] {
        if let length = fields["content-length"] { return try await read(count: Int(length)!, within: limit) }
        guard fields["transfer-encoding"] == "chunked" else { return try await readToEnd(within: limit) }
        var body: [UInt8] = []
        while true {
            let size = Int(try await read(until: "\r\n", within: limit).dropLast(1), radix: 16)!
            body += try await read(count: size, within: limit)
            _ = try await read(count: 2, within: limit)
            if size == 0 { return body }
        }
    }
}

/// A request in one line: method, target, and what differs from the usual.
func request(_ line: String, fields: [String] = [], host: String = "localhost", body: String? = nil) -> String {
    var lines = ["\(line) HTTP/1.1", "Host: \(host)"] + fields
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}
