import HTTPFetch
import Synchronization

/// Which local addresses sources and callbacks may have: the setting's, and the façade's own once it is bound.
final class AllowedAddresses: Sendable {
    private struct State {
        var policy: AddressPolicy
        /// In order of appearance.
        var own: [String] = []
    }

    private let state: Mutex<State>

    init(_ allowedSources: [String]) throws {
        state = Mutex(State(policy: try AddressPolicy(parsing: allowedSources)))
    }

    /// Adds an address of our own, as `host:port`.
    func allow(_ address: String) throws {
        let source = try AllowedSource(parsing: address)
        state.withLock { state in
            state.policy.allowed.append(source)
            state.own.append(address)
        }
    }

    var policy: AddressPolicy { state.withLock { $0.policy } }

    /// Where the façade is, for links in exports that came by RPC.
    var firstOwn: String? { state.withLock { $0.own.first } }
}
