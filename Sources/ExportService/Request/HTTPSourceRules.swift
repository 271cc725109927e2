import HTTPFetch
import JSONBytes

/// The rules of `source_http`.
enum HTTPSourceRules {
    static let path = ["source_http"]
    static let limits = 1...10_000
    static let limitDefault = 50
    static let connections = 1...64
    static let connectionsDefault = 5
    static let parametersMax = 256
    /// Pages per second.
    static let rates = 0.01...1_000.0

    static func source(of body: JSONValue, _ fields: inout RequestFields) -> HTTPSource? {
        guard let source = fields.required("source_http", of: body, at: []) else { return nil }
        guard case .object = source else {
            fields.refuse(path, "expected an object, found \(source.kindInWords)", type: "dict_type")
            return nil
        }
        let url = url(of: source, &fields)
        let method = method(of: source, &fields)
        let headers = SourceHeaderRules.headers(fields.optional("header", of: source), &fields)
        let parameters = parameters(of: source, method: method, &fields)
        // Real clients send the undocumented `conn` beside or inside `source_http`.
        let inside = fields.optional("conn", of: source)
        let conn = inside ?? fields.optional("conn", of: body)
        let connections = fields.integer(conn, at: inside == nil ? ["conn"] : path + ["conn"], in: connections)
        let name = fields.optional("credential", of: source)
        let credential = fields.text(name, at: path + ["credential"], charactersMax: 64)
        let key = fields.optional("unique_key", of: source)
        let uniqueKey = fields.text(key, at: path + ["unique_key"], charactersMax: 1_024)
        let rate = rate(of: source, &fields)
        let cursor = cursor(of: source, &fields)
        guard let url, let method, let headers, let parameters else { return nil }
        return HTTPSource(
            url: url, method: method, headers: headers, parameters: parameters.others,
            limit: parameters.limit, connections: connections ?? connectionsDefault, credential: credential,
            pagesPerSecond: rate, uniqueKey: uniqueKey, cursor: cursor)
    }

    private static func rate(of source: JSONValue, _ fields: inout RequestFields) -> Double? {
        guard let value = fields.optional("pages_per_second", of: source) else { return nil }
        if let rate = value.double, rates.contains(rate) { return rate }
        fields.refuse(
            path + ["pages_per_second"],
            "expected a number from \(rates.lowerBound) to \(rates.upperBound), found another value",
            type: "value_error")
        return nil
    }

    private static func cursor(of source: JSONValue, _ fields: inout RequestFields) -> SourceCursor? {
        let path = path + ["cursor"]
        guard let value = fields.optional("cursor", of: source) else { return nil }
        guard case .object = value else {
            fields.refuse(path, "expected an object, found \(value.kindInWords)", type: "dict_type")
            return nil
        }
        let next = fields.required("next", of: value, at: path)
        let names = fields.text(next, at: path + ["next"], charactersMax: 256)?.split(separator: ".").map(String.init)
        let parameter = fields.text(
            fields.optional("param", of: value), at: path + ["param"], charactersMax: 256)
        guard let names, !names.isEmpty else { return nil }
        return SourceCursor(next: names, parameter: parameter ?? "cursor")
    }

    private static func url(of source: JSONValue, _ fields: inout RequestFields) -> SourceURL? {
        let path = path + ["url"]
        let value = fields.required("url", of: source, at: self.path)
        guard let text = fields.text(value, at: path, charactersMax: SourceURL.charactersMax) else { return nil }
        do {
            return try SourceURL(text)
        } catch {
            fields.refuse(path, error.description, type: error.violationType)
            return nil
        }
    }

    private static func method(of source: JSONValue, _ fields: inout RequestFields) -> HTTPSource.Method? {
        let path = path + ["method"]
        guard let value = fields.optional("method", of: source) else { return .get }
        guard let word = fields.text(value, at: path, charactersMax: 16) else { return nil }
        if let method = HTTPSource.Method(rawValue: word.uppercased()) { return method }
        fields.refuse(path, "expected GET or POST, found another word", type: "literal_error")
        return nil
    }

    /// `param`: the page size, and whatever else the source wants. A `page` in it is dropped, pages are ours to count.
    private static func parameters(
        of source: JSONValue, method: HTTPSource.Method?, _ fields: inout RequestFields
    ) -> (limit: Int, others: [SourceParameter])? {
        let path = path + ["param"]
        guard let value = fields.optional("param", of: source) else { return (limitDefault, []) }
        guard let members = fields.members(value, at: path, countMax: parametersMax) else { return nil }
        let limit = fields.integer(fields.optional("limit", of: value), at: path + ["limit"], in: limits)
        var others: [SourceParameter] = []
        for member in members where !["page", "limit"].contains(member.key) {
            let parameter = SourceParameter(name: member.key, value: member.value)
            if method == .get, parameter.queryText == nil {
                fields.refuse(
                    path + [member.key],
                    "expected a string, number or boolean for a query string, found \(member.value.kindInWords)",
                    type: "string_type")
            }
            others.append(parameter)
        }
        return (limit ?? limitDefault, others)
    }
}
