import Synchronization

/// One request to one URL on its way to the fetcher's thread; a redirect makes the next one.
struct CurlHop: Sendable {
    typealias Outcome = Result<(response: HTTPFetchResponse, redirect: String?), HTTPFetchError>

    let id: UInt64
    let request: HTTPFetchRequest
    let url: FetchURL
    /// What the host's name resolves to; nil leaves that to libcurl.
    let addresses: [String]?
    /// What is left of the request's time.
    let timeout: Duration
    /// Set before the command to cancel is posted: a cancellation can overtake the start.
    let cancellation: CancellationFlag
    let continuation: CheckedContinuation<Outcome, Never>
}

/// Set once, by the task that no longer wants its hop.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() {
        flag.store(true, ordering: .releasing)
    }
}
