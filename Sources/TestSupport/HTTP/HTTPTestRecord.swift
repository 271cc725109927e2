import Synchronization

/// What a test server has seen.
final class HTTPTestRecord: Sendable {
    private struct State {
        var requests: [HTTPTestRequest] = []
        var connectionCount = 0
        var openConnectionCount = 0
    }

    private let state = Mutex(State())

    var requests: [HTTPTestRequest] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.connectionCount } }
    var openConnectionCount: Int { state.withLock { $0.openConnectionCount } }

    /// Notes a new connection and numbers it, from 1.
    func opened() -> Int {
        state.withLock { state in
            state.connectionCount += 1
            state.openConnectionCount += 1
            return state.connectionCount
        }
    }

    func closed() {
        state.withLock { $0.openConnectionCount -= 1 }
    }

    func received(_ request: HTTPTestRequest) {
        state.withLock { $0.requests.append(request) }
    }
}
