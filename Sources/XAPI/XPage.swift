package import JSONBytes

/// One page as the API gave it.
package struct XPage: Sendable {
    /// Posts or users, in the API's order.
    package let items: [JSONValue]
    /// Where the next page begins; nil at the end. A short or empty page is no end.
    package let nextToken: String?
    /// What the items refer to.
    let includes: XIncludes

    /// Throws what a page without data says in its `errors`.
    init(_ answer: JSONValue) throws(XAPIFailure) {
        switch answer["data"] {
        case .array(let elements): items = elements
        case .object(let members): items = [.object(members)]
        default:
            if let failure = XProblem.failure(answer["errors"]?.elements ?? []) { throw failure }
            items = []
        }
        nextToken = answer["meta"]?["next_token"]?.string
        includes = XIncludes(answer["includes"])
    }
}

/// What the items of a page refer to, by id; in either dialect.
struct XIncludes: Sendable {
    let users: [String: JSONValue]
    let posts: [String: JSONValue]
    let media: [String: JSONValue]

    init(_ includes: JSONValue?) {
        func index(_ name: String, by key: String) -> [String: JSONValue] {
            var found: [String: JSONValue] = [:]
            for item in includes?[name]?.elements ?? [] {
                if let id = item[key]?.string { found[id] = item }
            }
            return found
        }
        users = index("users", by: "id")
        media = index("media", by: "media_key")
        posts = index("tweets", by: "id").merging(index("posts", by: "id")) { $1 }
    }
}
