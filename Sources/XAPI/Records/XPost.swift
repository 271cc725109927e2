import JSONBytes

/// A post as it is kept: its author inlined, its text whole, what it points to named.
struct XPost {
    let post: JSONValue
    let includes: XIncludes

    init(_ post: JSONValue, _ includes: XIncludes) {
        self.post = post
        self.includes = includes
    }

    var data: JSONValue {
        let referenced = referenced
        let entities = note(post)?["entities"] ?? post["entities"]
        var members: [JSONMember] = []
        add("id", post["id"], to: &members)
        members.append(JSONMember("text", .string(text(referenced))))
        add("created_at", post["created_at"], to: &members)
        add("lang", post["lang"], to: &members)
        members.append(JSONMember("user", author))
        if let metrics = post["public_metrics"] { members.append(JSONMember("public_metrics", XMetrics.data(metrics))) }
        members.append(JSONMember("hashtags", strings(entities?["hashtags"], "tag")))
        members.append(JSONMember("mentions", strings(entities?["mentions"], "username")))
        members.append(JSONMember("urls", urls(entities?["urls"])))
        members.append(JSONMember("media", media))
        add("conversation_id", post["conversation_id"], to: &members)
        add("in_reply_to_user_id", post["in_reply_to_user_id"], to: &members)
        members.append(JSONMember("referenced", .array(referenced.map(Self.brief))))
        for (name, type) in [("is_retweet", "retweeted"), ("is_reply", "replied_to"), ("is_quote", "quoted")] {
            members.append(JSONMember(name, .bool(referenced.contains { $0.type == type })))
        }
        return .object(members)
    }

    private func add(_ name: String, _ value: JSONValue?, to members: inout [JSONMember]) {
        if let value, value != .null { members.append(JSONMember(name, value)) }
    }

    /// The whole text: that of a long post, and that of the post a repost repeats, which itself cuts it.
    private func text(_ referenced: [Reference]) -> String {
        if let repeated = referenced.first(where: { $0.type == "retweeted" }), let source = includes.posts[repeated.id]
        {
            let text = note(source)?["text"]?.string ?? source["text"]?.string ?? ""
            let name = source["author_id"]?.string.flatMap { includes.users[$0]?["username"]?.string }
            return name.map { "RT @\($0): \(text)" } ?? text
        }
        return note(post)?["text"]?.string ?? post["text"]?.string ?? ""
    }

    private func note(_ post: JSONValue) -> JSONValue? { post["note_tweet"] ?? post["note_post"] }

    private var author: JSONValue {
        let id = post["author_id"]?.string
        if let user = id.flatMap({ includes.users[$0] }) { return XUser.brief(user) }
        var members: [JSONMember] = []
        add("id", post["author_id"], to: &members)
        add("username", post["username"], to: &members)
        return .object(members)
    }

    private struct Reference {
        let type: String
        let id: String
    }

    private var referenced: [Reference] {
        (post["referenced_tweets"] ?? post["referenced_posts"])?.elements?.compactMap { element in
            guard let type = element["type"]?.string, let id = element["id"]?.string else { return nil }
            return Reference(type: type, id: id)
        } ?? []
    }

    private static func brief(_ reference: Reference) -> JSONValue {
        ["type": .string(reference.type), "id": .string(reference.id)]
    }

    private func strings(_ list: JSONValue?, _ name: String) -> JSONValue {
        .array((list?.elements ?? []).compactMap { $0[name] })
    }

    private func urls(_ list: JSONValue?) -> JSONValue {
        .array((list?.elements ?? []).compactMap { $0["expanded_url"] ?? $0["url"] })
    }

    private var media: JSONValue {
        .array(
            (post["attachments"]?["media_keys"]?.elements ?? []).compactMap { $0.string }.compactMap {
                includes.media[$0]
            })
    }
}
