/// What becomes of a request when its response points elsewhere (RFC 9110, section 15.4).
enum RedirectRule {
    static func isRedirect(status: Int) -> Bool {
        [301, 302, 303, 307, 308].contains(status)
    }

    /// The request for the next hop.
    static func next(after request: HTTPFetchRequest, at from: FetchURL, status: Int, to: FetchURL) -> HTTPFetchRequest
    {
        var next = request
        next.url = to.text
        // 303 means "fetch that instead"; for 301 and 302 every browser does the same with a POST.
        let becomesGET = status == 303 && request.method != "HEAD" || status < 303 && request.method == "POST"
        if becomesGET {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        // Any header may hold a secret (`X-Token`), so elsewhere only those go that describe the request itself.
        if !to.hasSameOrigin(as: from) {
            next.headers.removeAll { !harmless.contains($0.name.lowercased()) }
            next.identity = nil
        }
        return next
    }

    private static let harmless: Set<String> = [
        "accept", "accept-language", "cache-control", "content-encoding", "content-language", "content-type", "pragma",
        "range", "user-agent",
    ]
}
