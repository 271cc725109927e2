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
        let repeated = repeated(referenced)
        let spoken = repeated ?? post
        let entities = note(spoken)?["entities"] ?? spoken["entities"]
        var members: [JSONMember] = []
        add("id", post["id"], to: &members)
        members.append(JSONMember("text", .string(text(repeated))))
        add("created_at", post["created_at"], to: &members)
        add("lang", post["lang"], to: &members)
        members.append(JSONMember("user", author))
        if let metrics = post["public_metrics"] { members.append(JSONMember("public_metrics", XMetrics.data(metrics))) }
        members.append(JSONMember("hashtags", strings(entities?["hashtags"], "tag")))
        members.append(JSONMember("mentions", mentions(entities?["mentions"], of: repeated)))
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
    private func text(_ repeated: JSONValue?) -> String {
        let spoken = repeated ?? post
        let text = note(spoken)?["text"]?.string ?? spoken["text"]?.string ?? ""
        guard let repeated, let name = author(of: repeated) else { return text }
        return "RT @\(name): \(text)"
    }

    /// Those the text names: of a repost the author of what it repeats, too.
    private func mentions(_ list: JSONValue?, of repeated: JSONValue?) -> JSONValue {
        let named = (list?.elements ?? []).compactMap { $0["username"] }
        guard let name = repeated.flatMap(author) else { return .array(named) }
        return .array([.string(name)] + named.filter { $0.string != name })
    }

    /// The post that a repost repeats, if the page has it.
    private func repeated(_ referenced: [Reference]) -> JSONValue? {
        referenced.first { $0.type == "retweeted" }.flatMap { includes.posts[$0.id] }
    }

    private func author(of source: JSONValue) -> String? {
        source["author_id"]?.string.flatMap { includes.users[$0]?["username"]?.string }
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
