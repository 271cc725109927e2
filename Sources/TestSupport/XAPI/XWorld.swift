import JSONBytes

/// Who there is on a test server of the X API, and what they have said. Everything is made from numbers, so that two
/// servers with the same world answer the same.
package struct XWorld: Sendable {
    package struct User: Sendable {
        package enum State: Sendable { case open, protected, suspended }

        package var name: String
        package var id: Int
        package var posts: Int
        package var followers: Int
        package var state: State

        package init(_ name: String, id: Int, posts: Int = 0, followers: Int = 0, state: State = .open) {
            self.name = name
            self.id = id
            self.posts = posts
            self.followers = followers
            self.state = state
        }
    }

    package var users: [User]
    /// Posts that any search finds.
    package var found = 250

    package init(users: [User]) { self.users = users }

    /// One of each kind.
    package static let usual = XWorld(users: [
        User("elonmusk", id: 44_196_397, posts: 3_500, followers: 2_500),
        User("quiet", id: 1_001),
        User("locked", id: 1_002, posts: 10, state: .protected),
        User("gone", id: 1_003, posts: 10, state: .suspended),
    ])

    package func user(named name: String) -> User? { users.first { $0.name.lowercased() == name.lowercased() } }
    package func user(id: String) -> User? { users.first { String($0.id) == id } }

    /// The id of a user's post; later posts have greater ones.
    package static func postID(_ number: Int, of user: Int) -> Int {
        1_700_000_000_000_000_000 + user * 1_000_000 + number
    }
}

/// What a post is like, by its number.
package enum XPostKind: Int, Sendable, CaseIterable {
    case plain, reply, repost, quote, long, emoji, chinese, commas

    package init(number: Int) { self = Self(rawValue: number % Self.allCases.count)! }
}

/// Writes what the API says of users and posts, in one of its dialects.
struct XWriter {
    let world: XWorld
    /// `post`, or `tweet`.
    let speaksPost: Bool

    func user(_ user: XWorld.User) -> JSONValue {
        let metrics: JSONValue = [
            "followers_count": .number(String(user.followers)), "following_count": 7,
            speaksPost ? "post_count" : "tweet_count": .number(String(user.posts)), "listed_count": 1, "like_count": 2,
        ]
        return [
            "id": .string(String(user.id)), "username": .string(user.name), "name": .string("\(user.name) 名"),
            "created_at": "2009-06-02T20:12:29.000Z", "description": .string("about, \"\(user.name)\""),
            "protected": .bool(user.state == .protected), "verified": false, "public_metrics": metrics,
        ]
    }

    /// Somebody who follows, or is followed: made from a number.
    func follower(_ number: Int) -> JSONValue {
        user(XWorld.User("follower\(number)", id: 5_000_000 + number))
    }

    /// A post, and what it refers to.
    func post(_ number: Int, of user: XWorld.User) -> (post: JSONValue, referred: JSONValue?) {
        let kind = XPostKind(number: number)
        let id = XWorld.postID(number, of: user.id)
        var members = head(id, number, kind, user)
        var referred: JSONValue?
        if let type = Self.referenceTypes[kind] {
            let other = String(id - 900_000)
            let name = speaksPost ? "referenced_posts" : "referenced_tweets"
            members.append(JSONMember(name, [["type": .string(type), "id": .string(other)]]))
            referred = .object(referredPost(other, number, user))
        }
        if kind == .reply { members.append(JSONMember("in_reply_to_user_id", .string(String(user.id)))) }
        if kind == .long {
            let note: JSONValue = ["text": .string("long \(number) " + String(repeating: "word ", count: 80))]
            members.append(JSONMember(speaksPost ? "note_post" : "note_tweet", note))
        }
        return (.object(members), referred)
    }

    private static let referenceTypes: [XPostKind: String] = [
        .reply: "replied_to", .repost: "retweeted", .quote: "quoted",
    ]

    private func head(_ id: Int, _ number: Int, _ kind: XPostKind, _ user: XWorld.User) -> [JSONMember] {
        var members = [
            JSONMember("id", .string(String(id))), JSONMember("text", .string(text(kind, number))),
            JSONMember("created_at", .string(time(number))), JSONMember("author_id", .string(String(user.id))),
            JSONMember("lang", .string(kind == .chinese ? "zh" : "en")),
            JSONMember("conversation_id", .string(String(id))),
            JSONMember("public_metrics", metrics(number)),
        ]
        if !speaksPost { members.append(JSONMember("edit_history_tweet_ids", [.string(String(id))])) }
        if kind == .emoji {
            let tags: JSONValue = [["start": 3, "end": 9, "tag": "tesla"]]
            members.append(JSONMember("entities", ["hashtags": tags]))
        }
        return members
    }

    private func referredPost(_ id: String, _ number: Int, _ user: XWorld.User) -> [JSONMember] {
        var members = [
            JSONMember("id", .string(id)), JSONMember("text", .string("source of \(number), whole and uncut")),
            JSONMember("created_at", .string(time(number))), JSONMember("author_id", .string(String(user.id))),
            JSONMember("public_metrics", metrics(number)),
        ]
        if !speaksPost { members.append(JSONMember("edit_history_tweet_ids", [.string(id)])) }
        return members
    }

    private func metrics(_ number: Int) -> JSONValue {
        [
            speaksPost ? "repost_count" : "retweet_count": .number(String(number % 10)), "reply_count": 1,
            "like_count": .number(String(number)), "quote_count": 0, "bookmark_count": 0, "impression_count": 9,
        ]
    }

    private func text(_ kind: XPostKind, _ number: Int) -> String {
        switch kind {
        case .plain: "Tesla is the future! \(number)"
        case .reply: "@elonmusk indeed \(number)"
        case .repost: "RT @elonmusk: source of \(number), who…"
        case .quote: "see this \(number)"
        case .long: "long \(number) word word…"
        case .emoji: "🚀 #tesla \(number) 👩‍🚀"
        case .chinese: "特斯拉的未来，第 \(number) 号"
        case .commas: "a, b; \"c\" \(number)\nnext line"
        }
    }

    private func time(_ number: Int) -> String {
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "2024-01-\(padded(1 + number / 1_440 % 28))T\(padded(number / 60 % 24)):\(padded(number % 60)):00.000Z"
    }
}
