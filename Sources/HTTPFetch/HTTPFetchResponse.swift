/// A whole response, whatever its status.
package struct HTTPFetchResponse: Sendable {
    package var status: Int
    /// In order of arrival; those of the last response when redirects were followed. Trailers come last.
    package var headers: [(name: String, value: String)]
    /// Decoded when the request accepted compression.
    package var body: [UInt8]
    /// Where the response came from: the request's URL, or the last redirect's.
    package var effectiveURL: String
    /// The address connected to, without a port; the proxy's when there was one.
    package var remoteAddress: String
    /// Whether an open connection was used again.
    package var reusedConnection: Bool
    /// 1.0, 1.1 or 2.
    package var httpVersion: String
    package var timings: HTTPFetchTimings

    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], effectiveURL: String = "",
        remoteAddress: String = "", reusedConnection: Bool = false, httpVersion: String = "1.1",
        timings: HTTPFetchTimings = HTTPFetchTimings()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.effectiveURL = effectiveURL
        self.remoteAddress = remoteAddress
        self.reusedConnection = reusedConnection
        self.httpVersion = httpVersion
        self.timings = timings
    }

    /// The first value of a header, its name compared without case.
    package func header(_ name: String) -> String? {
        headers.first { FetchHeaderRules.isSameName($0.name, name) }?.value
    }
}

/// Where the time of the last hop went, each counted from its start.
package struct HTTPFetchTimings: Sendable, Equatable {
    package var nameLookup: Duration = .zero
    package var connect: Duration = .zero
    package var tls: Duration = .zero
    package var firstByte: Duration = .zero
    package var total: Duration = .zero

    package init() {}
}
