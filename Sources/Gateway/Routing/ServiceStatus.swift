import RPC
import Synchronization

/// Which services have a replica that serves, as all loops of a process see it.
package final class ServiceStatus: Sendable {
    /// By service, how many replicas serve in the view of each loop's client.
    private let serving = Mutex<[String: [ObjectIdentifier: Int]]>([:])

    /// The services none of whose replicas serves in anybody's view, sorted.
    package var unavailable: [String] {
        serving.withLock { serving in
            serving.filter { $0.value.values.allSatisfy { $0 == 0 } }.map(\.key).sorted()
        }
    }

    /// A client says how many replicas serve.
    func note(_ count: Int, of service: String, by client: AnyObject) {
        serving.withLock { $0[service, default: [:]][ObjectIdentifier(client)] = count }
    }

    /// By replica, the clients in whose view it does not serve.
    private let failing = Mutex<[RPCAddress: Set<ObjectIdentifier>]>([:])

    /// A client has found that a replica serves, or does not; true when it is the first to find, or the last to find again:
    /// what all loops see is told once.
    func note(_ address: RPCAddress, isServing: Bool, by client: AnyObject) -> Bool {
        failing.withLock { failing in
            let before = failing[address]?.count ?? 0
            if isServing {
                failing[address]?.remove(ObjectIdentifier(client))
                return before == 1 && failing[address]?.isEmpty == true
            }
            failing[address, default: []].insert(ObjectIdentifier(client))
            return before == 0
        }
    }

    /// A client was closed and sees nothing any more.
    func forget(_ client: AnyObject) {
        failing.withLock { failing in
            for address in failing.keys { failing[address]?.remove(ObjectIdentifier(client)) }
        }
        serving.withLock { serving in
            for service in serving.keys { serving[service]?[ObjectIdentifier(client)] = nil }
            serving = serving.filter { !$0.value.isEmpty }
        }
    }
}
