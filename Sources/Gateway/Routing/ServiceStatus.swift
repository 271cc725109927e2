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

    /// A client was closed and sees nothing any more.
    func forget(_ client: AnyObject) {
        serving.withLock { serving in
            for service in serving.keys { serving[service]?[ObjectIdentifier(client)] = nil }
            serving = serving.filter { !$0.value.isEmpty }
        }
    }
}
