import ServiceContracts
import XAPI

/// What a crawl asks for next: no I/O, no clock.
///
/// Invariants:
/// - `fetched` never exceeds the limit;
/// - a page token is used only for the parameters it came with;
/// - nothing is asked for once the limit is reached or a page came without a token.
struct CrawlPlan: Sendable {
    enum Step: Hashable, Sendable {
        /// The id behind the user's name.
        case resolve(XRequest)
        case page(XRequest)
        case finished
    }

    let type: ScrapeTaskType
    let parameters: CrawlParameters

    func next(_ state: CrawlState) -> Step {
        if state.fetched >= parameters.limit || state.pageToken == CrawlState.exhausted { return .finished }
        guard let endpoint = endpoint(state) else {
            return .resolve(XRequest(.user(name: parameters.subject)))
        }
        var request = XRequest(endpoint)
        request.count = parameters.limit - state.fetched
        request.pageToken = state.pageToken
        switch type {
        case .userTweets:
            (request.sinceID, request.untilID) = (state.sinceID, state.untilID)
            if !parameters.includesReplies { request.exclude.append("replies") }
            if !parameters.includesRetweets { request.exclude.append("retweets") }
        case .keywordSearch, .hashtagSearch:
            (request.sinceID, request.untilID) = (state.sinceID, state.untilID)
            request.query = parameters.subject
        case .userInfo, .userFollowers, .userFollowing: break
        }
        return .page(request)
    }

    /// Nil while the user's id is not known.
    private func endpoint(_ state: CrawlState) -> XRequest.Endpoint? {
        switch type {
        case .userInfo: .user(name: parameters.subject)
        case .keywordSearch, .hashtagSearch: .search
        case .userTweets: state.upstreamUser.map { .posts(userID: $0) }
        case .userFollowers: state.upstreamUser.map { .followers(userID: $0) }
        case .userFollowing: state.upstreamUser.map { .following(userID: $0) }
        }
    }

    /// Whether a request asks only for the id behind a user's name.
    func isResolving(_ request: XRequest) -> Bool {
        if case .user = request.endpoint { type != .userInfo } else { false }
    }

    /// Takes what a page brought, cut to what is still wanted.
    func take(_ page: XPage, _ state: inout CrawlState) -> [XRecord] {
        let isPost = type.dataType == "tweet"
        let items = page.items.prefix(parameters.limit - state.fetched)
        state.fetched += items.count
        state.pageToken = page.nextToken
        let records = items.compactMap { XRecord($0, of: page, isPost: isPost) }
        if isPost {
            for record in records {
                state.newestID = CrawlState.newer(state.newestID, record.id)
                state.oldestID = CrawlState.older(state.oldestID, record.id)
            }
        }
        // A last page that was cut is not the end of its window.
        if page.nextToken == nil, items.count == page.items.count { state.endWindow() }
        return records
    }

    /// Takes back what the API may have refused the last request for: it takes neither cursors that are too old nor, when
    /// it searches, posts of more than seven days ago to begin behind. What comes again is known by its id.
    ///
    /// - Returns: False when the request said neither.
    func beginAnew(_ state: inout CrawlState) -> Bool {
        guard state.sinceID != nil || state.pageToken != nil else { return false }
        if state.untilID != nil {
            leaveGap(&state)
        } else {
            (state.sinceID, state.pageToken, state.oldestID, state.gaps) = (nil, nil, nil, [])
            state.fetched = 0
        }
        return true
    }

    /// Below what came of it the gap is tried once more without the cursor; then the API does not go back that far.
    private func leaveGap(_ state: inout CrawlState) {
        guard state.pageToken != nil else { return state.endWindow() }
        state.untilID = CrawlState.older(state.untilID, state.oldestID)
        state.pageToken = nil
    }

    /// What follows in the window that a page came from is known.
    ///
    /// - Parameter window: Where the crawl was when the page was asked for.
    func leave(_ window: CrawlState, _ state: inout CrawlState) {
        let isThere = state.untilID == window.untilID && state.pageToken != CrawlState.exhausted
        if isThere { state.endWindow() }
    }
}
