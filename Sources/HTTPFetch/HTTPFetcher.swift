/// Something that performs HTTP requests: ``CurlFetcher``, or a double in tests.
package protocol HTTPFetcher: Sendable {
    /// Performs one request and returns its whole response, whatever the status.
    ///
    /// Cancelling the task aborts the transfer and throws ``HTTPFetchError/cancelled``.
    func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse
}
