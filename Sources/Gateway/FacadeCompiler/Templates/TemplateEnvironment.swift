/// What a template may know of the request it answers.
package struct TemplateEnvironment: Sendable {
    /// The request's id, as it travels with the call.
    package var requestID: String
    /// Milliseconds since 1970; a number, because most templates never ask for its text.
    package var now: Int64
    /// As `RouteMatch.operation` gave them; empty outside operations.
    package var pathValues: [Substring]
    /// The query as it came, without its question mark.
    package var query: Substring

    /// An environment; without path and query for answers outside any operation.
    package init(requestID: String, now: Int64, pathValues: [Substring] = [], query: Substring = "") {
        self.requestID = requestID
        self.now = now
        self.pathValues = pathValues
        self.query = query
    }
}
