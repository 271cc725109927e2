import Foundation
import JSONBytes
import Synchronization

/// What a test server of the X API does wrong, or in its own way.
package struct XAPIBehaviour: Sendable {
    /// The words it knows; nil: of both dialects, answering in that of the request.
    package var dialect: String?
    /// Calls of one endpoint in a window, and the window's seconds; nil: any number, but headers say so.
    package var rate: (calls: Int, seconds: Int)?
    /// Answers this to a call, counted from 1, instead of a page; nil: the page.
    package var fault: @Sendable (_ call: Int, _ path: String) -> HTTPTestAnswer? = { _, _ in nil }
    /// Awaited before a call is answered.
    package var wait: @Sendable (_ call: Int, _ path: String) async -> Void = { _, _ in }
    /// The last item of a page is the first of the next one, too.
    package var repeatsItems = false
    /// Pages, counted from 0, that have nothing but a `next_token`.
    package var emptyPages: Set<Int> = []
    /// Pages that have only half of what was asked for.
    package var shortPages: Set<Int> = []
    package var token = "secret-token"

    package init() {}
}

/// The X API v2 as far as a scraper needs it, over a socket: users, their posts, search, followers.
package final class XAPITestServer: Sendable {
    private struct State {
        var behaviour: XAPIBehaviour
        var world: XWorld
        var calls = 0
        /// Second in which the window ends, and calls in it, by endpoint.
        var windows: [String: (end: Int, calls: Int)] = [:]
    }

    private let state: Mutex<State>
    private let server: Mutex<HTTPTestServer?> = Mutex(nil)

    package init(world: XWorld = .usual, _ behaviour: XAPIBehaviour = .init()) async throws {
        state = Mutex(State(behaviour: behaviour, world: world))
        let server = try await HTTPTestServer { [weak self] request in
            await self?.answer(request) ?? .drop
        }
        self.server.withLock { $0 = server }
    }

    package var url: String { server.withLock { $0!.url } }
    package var address: String { server.withLock { $0!.address } }
    package var requests: [HTTPTestRequest] { server.withLock { $0!.requests } }
    /// Calls so far.
    package var calls: Int { state.withLock { $0.calls } }

    package func change(_ body: @Sendable (inout XAPIBehaviour) -> Void) { state.withLock { body(&$0.behaviour) } }
    package func changeWorld(_ body: @Sendable (inout XWorld) -> Void) { state.withLock { body(&$0.world) } }

    package func close() async { await server.withLock { $0 }?.close() }

    private func answer(_ request: HTTPTestRequest) async -> HTTPTestAnswer {
        let (behaviour, world, call) = state.withLock { state in
            state.calls += 1
            return (state.behaviour, state.world, state.calls)
        }
        await behaviour.wait(call, request.path)
        if let fault = behaviour.fault(call, request.path) { return fault }
        guard request.header("authorization") == "Bearer \(behaviour.token)" else {
            return Self.problem(401, "Unauthorized", "Unauthorized")
        }
        let query = request.query
        if let refusal = Self.refusal(query, behaviour.dialect) { return refusal }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.first == "2" else { return Self.problem(404, "Not Found", "no such path") }
        let answers = XAnswers(
            world: world, behaviour: behaviour,
            speaksPost: (behaviour.dialect ?? (query["post.fields"] != nil ? "post" : "tweet")) == "post")
        guard let (endpoint, answer) = answers.answer(Array(parts.dropFirst()), query) else {
            return Self.problem(404, "Not Found", "no such path")
        }
        let (headers, isAllowed) = count(endpoint, behaviour.rate)
        guard isAllowed else {
            var refusal = Self.problem(429, "Too Many Requests", "Too Many Requests")
            refusal.headers += headers
            return refusal
        }
        var page = HTTPTestAnswer.json(answer.description)
        page.headers += headers
        return page
    }

    /// Counts a call; answers the three headers, and whether the window had room for it.
    private func count(
        _ endpoint: String, _ rate: (calls: Int, seconds: Int)?
    ) -> (headers: [(name: String, value: String)], isAllowed: Bool) {
        let now = Int(Date().timeIntervalSince1970)
        let (limit, seconds) = rate ?? (10_000, 900)
        let window = state.withLock { state in
            var window = state.windows[endpoint] ?? (now + seconds, 0)
            if window.end <= now { window = (now + seconds, 0) }
            window.calls += 1
            state.windows[endpoint] = window
            return window
        }
        let headers = [
            (name: "x-rate-limit-limit", value: "\(limit)"),
            (name: "x-rate-limit-remaining", value: "\(max(0, limit - window.calls))"),
            (name: "x-rate-limit-reset", value: "\(window.end)"),
        ]
        return (headers, window.calls <= limit)
    }

    /// A server that knows one dialect names the first parameter of the other.
    private static func refusal(_ query: [String: String], _ dialect: String?) -> HTTPTestAnswer? {
        guard let dialect else { return nil }
        let other = dialect == "post" ? "tweet.fields" : "post.fields"
        guard query[other] != nil else { return nil }
        let message = "The query parameter [\(other)] is not one of [\(dialect).fields,user.fields]"
        return .json(
            JSONValue.object([
                JSONMember("errors", [["parameters": .object([JSONMember(other, [])]), "message": .string(message)]]),
                JSONMember("title", "Invalid Request"),
                JSONMember("detail", "One or more parameters to your request was invalid."),
                JSONMember("type", "https://api.twitter.com/2/problems/invalid-request"),
            ]).description, status: 400)
    }

    /// A problem document as the API writes it.
    package static func problem(
        _ status: Int, _ title: String, _ detail: String, type: String = "about:blank"
    ) -> HTTPTestAnswer {
        .json(
            JSONValue.object([
                JSONMember("title", .string(title)), JSONMember("type", .string(type)),
                JSONMember("status", .number(String(status))), JSONMember("detail", .string(detail)),
            ]).description, status: status)
    }

    package static let usageCap = problem(
        429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap",
        type: "https://api.twitter.com/2/problems/usage-capped")
    package static let noCredits = problem(
        402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request.",
        type: "https://api.twitter.com/2/problems/credits")
    package static let forbidden = problem(
        403, "Client Forbidden", "When authenticating requests you must use keys from an app attached to a project.",
        type: "https://api.twitter.com/2/problems/client-forbidden")
    package static let unavailable = problem(503, "Service Unavailable", "Service Unavailable")
}
