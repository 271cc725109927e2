import JSONBytes
package import HTTPFetch

/// Writes the request of each page.
package struct PageRequest: Sendable {
    /// Goes with every page; names the export to the source.
    static let keyHeader = "xt-export-taskId"

    /// Each is checked like the first address.
    static let redirectsMax = 3

    private let source: HTTPSource
    private let headers: [(name: String, value: String)]
    private let limits: HTTPFetchLimits
    private let policy: AddressPolicy

    private let identity: HTTPIdentity?
    private let proxy: String?

    /// - Parameters:
    ///   - authorization: Of the operator, instead of the request's own.
    ///   - identity: Of the operator.
    ///   - proxy: Of the operator.
    package init(
        source: HTTPSource, key: HashKey, limits: HTTPFetchLimits, policy: AddressPolicy, authorization: String? = nil,
        identity: HTTPIdentity? = nil, proxy: String? = nil
    ) {
        self.identity = identity
        self.proxy = proxy
        self.source = source
        self.limits = limits
        self.policy = policy
        var headers = source.headers.filter { $0.name.lowercased() != Self.keyHeader.lowercased() }
            .map { (name: $0.name, value: $0.value) }
        if let authorization {
            headers.removeAll { $0.name.lowercased() == "authorization" }
            headers.append((name: "Authorization", value: authorization))
        }
        headers.append((name: Self.keyHeader, value: key.text))
        if source.method == .post, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append((name: "Content-Type", value: "application/json"))
        }
        self.headers = headers
    }

    /// - Parameter token: What the page before it said, of sources with a cursor.
    package func request(page: Int, token: String? = nil) -> HTTPFetchRequest {
        let isPost = source.method == .post
        return HTTPFetchRequest(
            method: source.method.rawValue, url: isPost ? source.url.text : url(page: page, token: token),
            headers: headers, body: isPost ? body(page: page, token: token) : nil, limits: limits, policy: policy,
            redirectsMax: Self.redirectsMax, proxy: proxy, identity: identity)
    }

    /// Page (or the cursor's token) and limit join the query, also when the URL already has one.
    package func url(page: Int, token: String? = nil) -> String {
        let own = source.parameters.map { (name: $0.name, value: $0.queryText ?? "") }
        var place = [(name: "page", value: String(page))]
        if let cursor = source.cursor { place = token.map { [(name: cursor.parameter, value: $0)] } ?? [] }
        return source.url.replacing(query: own + place + [(name: "limit", value: String(source.limit))])
    }

    /// The same join the parameters.
    package func body(page: Int, token: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for parameter in source.parameters {
            writer.key(parameter.name)
            parameter.value.write(to: &writer)
        }
        if let cursor = source.cursor {
            if let token {
                writer.key(cursor.parameter)
                writer.string(token)
            }
        } else {
            writer.key("page")
            writer.integer(page)
        }
        writer.key("limit")
        writer.integer(source.limit)
        writer.endObject()
        return writer.bytes
    }
}
