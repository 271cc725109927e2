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

    package init(source: HTTPSource, key: HashKey, limits: HTTPFetchLimits, policy: AddressPolicy) {
        self.source = source
        self.limits = limits
        self.policy = policy
        var headers = source.headers.filter { $0.name.lowercased() != Self.keyHeader.lowercased() }
            .map { (name: $0.name, value: $0.value) }
        headers.append((name: Self.keyHeader, value: key.text))
        if source.method == .post, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append((name: "Content-Type", value: "application/json"))
        }
        self.headers = headers
    }

    package func request(page: Int) -> HTTPFetchRequest {
        let isPost = source.method == .post
        return HTTPFetchRequest(
            method: source.method.rawValue, url: isPost ? source.url.text : url(page: page), headers: headers,
            body: isPost ? body(page: page) : nil, limits: limits, policy: policy, redirectsMax: Self.redirectsMax)
    }

    /// Page and limit join the query, also when the URL already has one.
    package func url(page: Int) -> String {
        let own = source.parameters.map { (name: $0.name, value: $0.queryText ?? "") }
        let counted = [(name: "page", value: String(page)), (name: "limit", value: String(source.limit))]
        return source.url.replacing(query: own + counted)
    }

    /// Page and limit join the parameters.
    package func body(page: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for parameter in source.parameters {
            writer.key(parameter.name)
            parameter.value.write(to: &writer)
        }
        writer.key("page")
        writer.integer(page)
        writer.key("limit")
        writer.integer(source.limit)
        writer.endObject()
        return writer.bytes
    }
}
