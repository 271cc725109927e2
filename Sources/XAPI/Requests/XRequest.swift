import HTTPFetch

/// One page of something the API has.
package struct XRequest: Hashable, Sendable {
    /// What is asked for; the bounds and names are those of X's own description of its API.
    package enum Endpoint: Hashable, Sendable {
        case user(name: String)
        case posts(userID: String)
        case search
        case followers(userID: String)
        case following(userID: String)
    }

    package var endpoint: Endpoint
    /// Of `search`.
    package var query: String?
    /// Items wanted; clamped to what the endpoint takes.
    package var count = 100
    /// Where the last page ended.
    package var pageToken: String?
    /// Only posts newer than this one.
    package var sinceID: String?
    /// Only posts older than this one.
    package var untilID: String?
    /// Of `posts`: what is left out.
    package var exclude: [String] = []

    package init(_ endpoint: Endpoint) { self.endpoint = endpoint }
}

extension XRequest.Endpoint {
    /// The name under which the API counts calls of it.
    package var bucket: String {
        switch self {
        case .user: "users/by/username"
        case .posts: "users/tweets"
        case .search: "tweets/search/recent"
        case .followers: "users/followers"
        case .following: "users/following"
        }
    }

    /// Items of one page; nil where there is only one.
    package var pageBounds: ClosedRange<Int>? {
        switch self {
        case .user: nil
        case .posts: 5...100
        case .search: 10...100
        case .followers, .following: 1...1_000
        }
    }

    var path: String {
        switch self {
        case .user(let name): "/2/users/by/username/\(name)"
        case .posts(let id): "/2/users/\(id)/tweets"
        case .search: "/2/tweets/search/recent"
        case .followers(let id): "/2/users/\(id)/followers"
        case .following(let id): "/2/users/\(id)/following"
        }
    }

    /// Whether the items are posts, and not users.
    package var answersPosts: Bool {
        switch self {
        case .posts, .search: true
        case .user, .followers, .following: false
        }
    }
}

extension XRequest {
    /// Path and query.
    func target(_ dialect: XDialect) -> String {
        var parameters: [(String, String)] = []
        if let query { parameters.append(("query", query)) }
        if let bounds = endpoint.pageBounds {
            parameters.append(("max_results", "\(min(max(count, bounds.lowerBound), bounds.upperBound))"))
        }
        if let pageToken { parameters.append((endpoint == .search ? "next_token" : "pagination_token", pageToken)) }
        if let sinceID { parameters.append(("since_id", sinceID)) }
        if let untilID { parameters.append(("until_id", untilID)) }
        if !exclude.isEmpty { parameters.append(("exclude", exclude.joined(separator: ","))) }
        if endpoint.answersPosts {
            parameters += dialect.postParameters
            parameters.append(XDialect.mediaParameter)
        }
        parameters.append(XDialect.userParameter)
        // Lists are made of commas.
        let query = parameters.map { "\($0)=\(PercentEncoding.encode($1, keeping: UInt8(ascii: ",")))" }
        return endpoint.path + "?" + query.joined(separator: "&")
    }
}
