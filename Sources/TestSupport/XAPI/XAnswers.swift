import JSONBytes

/// The pages of a test server.
struct XAnswers {
    let world: XWorld
    let behaviour: XAPIBehaviour
    let speaksPost: Bool

    private var writer: XWriter { XWriter(world: world, speaksPost: speaksPost) }

    /// The endpoint's name for its window of calls, and the page; nil for a path there is not.
    func answer(_ parts: [String], _ query: [String: String]) -> (endpoint: String, page: JSONValue)? {
        if parts.count == 4, parts.prefix(3) == ["users", "by", "username"] { return ("user", user(parts[3])) }
        if parts == ["tweets", "search", "recent"] { return ("search", search(query)) }
        guard parts.count == 3, parts[0] == "users" else { return nil }
        guard let user = world.user(id: parts[1]) else {
            return (parts[2], unknown("id", parts[1], "user with id"))
        }
        switch parts[2] {
        case "tweets": return ("tweets", posts(of: user, query))
        case "followers": return ("followers", people(user.followers, query))
        case "following": return ("following", people(7, query))
        default: return nil
        }
    }

    private func user(_ name: String) -> JSONValue {
        guard let user = world.user(named: name) else { return unknown("username", name, "user with username") }
        if user.state == .suspended {
            return problem(
                "Forbidden", "User has been suspended: [\(name)].", "resource-not-found", "username", name)
        }
        return ["data": writer.user(user)]
    }

    private func posts(of user: XWorld.User, _ query: [String: String]) -> JSONValue {
        if user.state == .protected {
            return problem(
                "Authorization Error", "Sorry, you are not authorized to see the user with id: [\(user.id)].",
                "not-authorized-for-resource", "id", String(user.id))
        }
        let excluded = Set((query["exclude"] ?? "").split(separator: ","))
        let wanted = Self.ids(query)
        let numbers = (0..<user.posts).reversed().filter { number in
            let kind = XPostKind(number: number)
            if kind == .reply, excluded.contains("replies") { return false }
            if kind == .repost, excluded.contains("retweets") { return false }
            return wanted.contains(XWorld.postID(number, of: user.id))
        }
        return postPage(numbers, of: user, query, token: "pagination_token", bounds: 5...100)
    }

    private func search(_ query: [String: String]) -> JSONValue {
        guard let user = world.users.first(where: { $0.state == .open }) else { return ["meta": ["result_count": 0]] }
        let wanted = Self.ids(query)
        let numbers = (0..<world.found).reversed().filter { wanted.contains(XWorld.postID($0, of: user.id)) }
        return postPage(Array(numbers), of: user, query, token: "next_token", bounds: 10...100)
    }

    /// What `since_id` and `until_id`, both exclusive, leave.
    private static func ids(_ query: [String: String]) -> Range<Int> {
        let since = query["since_id"].flatMap { Int($0) } ?? 0
        return since + 1..<max(since + 1, query["until_id"].flatMap { Int($0) } ?? .max)
    }

    private func postPage(
        _ numbers: [Int], of user: XWorld.User, _ query: [String: String], token: String, bounds: ClosedRange<Int>
    ) -> JSONValue {
        let (part, next) = part(numbers, query, token: token, bounds: bounds)
        let written = part.map { writer.post($0, of: user) }
        guard !written.isEmpty else { return .object([JSONMember("meta", meta(0, next))]) }
        var includes = [JSONMember("users", [writer.user(user)])]
        let referred = written.compactMap(\.referred)
        if !referred.isEmpty { includes.append(JSONMember(speaksPost ? "posts" : "tweets", .array(referred))) }
        return .object([
            JSONMember("data", .array(written.map(\.post))), JSONMember("includes", .object(includes)),
            JSONMember("meta", meta(part.count, next)),
        ])
    }

    private func people(_ count: Int, _ query: [String: String]) -> JSONValue {
        let (part, next) = part(Array(0..<count), query, token: "pagination_token", bounds: 1...1_000)
        guard !part.isEmpty else { return .object([JSONMember("meta", meta(0, next))]) }
        return .object([
            JSONMember("data", .array(part.map(writer.follower))), JSONMember("meta", meta(part.count, next)),
        ])
    }

    /// One page of a list; a token is the place where its page begins, and which page that is.
    private func part(
        _ all: [Int], _ query: [String: String], token: String, bounds: ClosedRange<Int>
    ) -> (part: [Int], next: String?) {
        let size = min(max(query["max_results"].flatMap { Int($0) } ?? 100, bounds.lowerBound), bounds.upperBound)
        let place = (query[token] ?? query["pagination_token"] ?? "").split(separator: "z").compactMap { Int($0) }
        let (start, number) = place.count == 2 ? (place[0], place[1]) : (0, 0)
        if behaviour.emptyPages.contains(number) { return ([], Self.token(start, number + 1)) }
        let length = behaviour.shortPages.contains(number) ? max(1, size / 2) : size
        let end = min(start + length, all.count)
        guard end < all.count else { return (Array(all[min(start, all.count)..<end]), nil) }
        return (Array(all[start..<end]), Self.token(behaviour.repeatsItems ? end - 1 : end, number + 1))
    }

    /// At least 16 characters, as the API's are.
    private static func token(_ place: Int, _ number: Int) -> String {
        let text = String(place)
        return String(repeating: "0", count: max(0, 14 - text.count)) + text + "z\(number)"
    }

    private func meta(_ count: Int, _ next: String?) -> JSONValue {
        var members = [JSONMember("result_count", .number(String(count)))]
        if let next { members.append(JSONMember("next_token", .string(next))) }
        return .object(members)
    }

    private func unknown(_ parameter: String, _ value: String, _ what: String) -> JSONValue {
        problem("Not Found Error", "Could not find \(what): [\(value)].", "resource-not-found", parameter, value)
    }

    private func problem(
        _ title: String, _ detail: String, _ type: String, _ parameter: String, _ value: String
    ) -> JSONValue {
        let host = speaksPost ? "api.x.com" : "api.twitter.com"
        let error = JSONValue.object([
            JSONMember("value", .string(value)), JSONMember("detail", .string(detail)),
            JSONMember("title", .string(title)), JSONMember("resource_type", "user"),
            JSONMember("parameter", .string(parameter)), JSONMember("resource_id", .string(value)),
            JSONMember("type", .string("https://\(host)/2/problems/\(type)")),
        ])
        return .object([JSONMember("errors", [error])])
    }
}
