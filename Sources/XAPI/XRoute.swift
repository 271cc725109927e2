import HTTPFetch

/// A proxy, as whoever chooses it knows it.
package struct XProxy: Hashable, Sendable {
    package let name: String
    package let url: String

    package init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// Which way calls of the API go.
package struct XRoute: Sendable {
    /// Without a proxy.
    package static let direct = XRoute(proxy: { nil }, reached: { _, _, _ in })

    /// The proxy of the next call; nil: none.
    let proxy: @Sendable () -> XProxy?
    /// Told after a call through a proxy: whether anything came back, and how long it took.
    let reached: @Sendable (XProxy, Bool, Duration) -> Void

    package init(
        proxy: @escaping @Sendable () -> XProxy?, reached: @escaping @Sendable (XProxy, Bool, Duration) -> Void
    ) {
        self.proxy = proxy
        self.reached = reached
    }

    /// A call that was given up says nothing about its proxy.
    func report(_ proxy: XProxy?, _ outcome: Result<HTTPFetchResponse, HTTPFetchError>, _ latency: Duration) {
        guard let proxy else { return }
        switch outcome {
        case .success(let response): reached(proxy, response.status != 407, latency)
        case .failure(.cancelled), .failure(.shutDown): break
        case .failure: reached(proxy, false, latency)
        }
    }
}
