package import JSONBytes

/// An item as it is kept: what it refers to is inlined, and both dialects become one.
package struct XRecord: Sendable {
    /// The item's own id.
    package let id: String
    /// JSON.
    package let data: JSONValue

    /// Nil for an item without an id.
    package init?(_ item: JSONValue, of page: XPage, isPost: Bool) {
        guard let id = item["id"]?.string else { return nil }
        self.id = id
        data = isPost ? XPost(item, page.includes).data : XUser.data(item)
    }
}

/// A user as it is kept.
enum XUser {
    private static let names = [
        "name", "created_at", "description", "location", "url", "profile_image_url", "protected", "verified",
        "verified_type",
    ]

    static func data(_ user: JSONValue) -> JSONValue {
        var members: [JSONMember] = []
        for name in ["id", "username"] + names {
            if let value = user[name], value != .null { members.append(JSONMember(name, value)) }
        }
        if let metrics = user["public_metrics"] { members.append(JSONMember("public_metrics", XMetrics.data(metrics))) }
        return .object(members)
    }

    /// What a post says of its author.
    static func brief(_ user: JSONValue) -> JSONValue {
        var members: [JSONMember] = []
        for name in ["id", "username", "name", "verified", "profile_image_url"] {
            if let value = user[name], value != .null { members.append(JSONMember(name, value)) }
        }
        return .object(members)
    }
}

/// Counters, by the names of the first dialect: whoever reads records need not know which one was spoken.
enum XMetrics {
    private static let names = ["repost_count": "retweet_count", "post_count": "tweet_count"]

    static func data(_ metrics: JSONValue) -> JSONValue {
        .object((metrics.members ?? []).map { JSONMember(names[$0.key] ?? $0.key, $0.value) })
    }
}
