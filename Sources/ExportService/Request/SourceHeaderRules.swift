import HTTPFetch
import JSONBytes

/// The rules of `source_http.header`: a stranger's headers must not be able to write a second request.
///
/// What may be in one header is HTTPFetch's to say, which sends it; here are the rules of the map.
enum SourceHeaderRules {
    static let path = HTTPSourceRules.path + ["header"]
    static let headersMax = 64
    /// All names and values together.
    static let bytesMax = 16 * 1024

    static func headers(_ value: JSONValue?, _ fields: inout RequestFields) -> [SourceHeader]? {
        guard let value else { return [] }
        guard let members = fields.members(value, at: path, countMax: headersMax) else { return nil }
        var headers: [SourceHeader] = []
        var bytes = 0
        for member in members {
            guard let header = header(member, &fields) else { continue }
            bytes += header.name.utf8.count + header.value.utf8.count
            headers.append(header)
        }
        if bytes > bytesMax {
            fields.refuse(path, "expected at most \(bytesMax) octets, found \(bytes)", type: "too_long")
        }
        return headers
    }

    private static func header(_ member: JSONMember, _ fields: inout RequestFields) -> SourceHeader? {
        guard let value = text(of: member.value) else {
            fields.refuse(
                path + [member.key], "expected a string, found \(member.value.kindInWords)", type: "string_type")
            return nil
        }
        if let problem = FetchHeaderRules.problem(name: member.key, value: value) {
            fields.refuse(path + [member.key], "expected a header that can be sent: \(problem)", type: "value_error")
            return nil
        }
        return SourceHeader(name: member.key, value: value)
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}
