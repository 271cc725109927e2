import Foundation

/// Machines on one wire, each a network namespace with an address of its own; the test itself is one more.
///
/// Needs the right to make namespaces (`isPermitted`): root, outside of containers that take it away.
package final class TestNetwork: Sendable {
    /// Whether the kernel lets this process make network namespaces. Throws when the programs for it are missing.
    package static func isPermitted() async throws -> Bool {
        try await ip("-V")
        return try await runProcess("unshare", ["--net", "ip", "link", "add", "try", "type", "bridge"]).status == 0
    }

    /// RFC 2544 keeps 198.18.0.0/15 for tests of networks: no real one has these addresses.
    private let prefix: String
    private let name: String
    private let hosts = Shared<[NetworkHost]>([])

    /// The test's own address on the wire.
    package var address: String { prefix + ".254" }
    /// All addresses of the wire.
    package var cidr: String { prefix + ".0/24" }

    /// Makes a network for `body`, and takes it down whatever happens there.
    package static func with(_ body: (TestNetwork) async throws -> Void) async throws {
        let network = TestNetwork()
        do {
            try await network.build()
            try await body(network)
            await network.takeDown()
        } catch {
            await network.takeDown()
            throw error
        }
    }

    private init() {
        name = "plt" + UUID().uuidString.prefix(8).lowercased()
        prefix = "198.\(Int.random(in: 18...19)).\(Int.random(in: 1...254))"
    }

    private func build() async throws {
        try await Self.ip("netns", "add", wire)
        try await Self.ip("-n", wire, "link", "add", "wire", "type", "bridge")
        try await Self.ip("-n", wire, "link", "set", "wire", "up")
        try await Self.ip(
            "-n", wire, "link", "add", "test", "type", "veth", "peer", "name", name, "netns", "\(getpid())")
        try await plug("test")
        try await Self.ip("addr", "add", address + "/24", "dev", name)
        try await Self.ip("link", "set", name, "up")
    }

    /// A machine whose last part of the address is `number`.
    package func addHost(_ number: Int) async throws -> NetworkHost {
        let host = NetworkHost(namespace: "\(name)-\(number)", port: "host\(number)", address: "\(prefix).\(number)")
        try await Self.ip("netns", "add", host.namespace)
        hosts.change { $0.append(host) }
        try await Self.ip(
            "-n", wire, "link", "add", host.port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        try await plug(host.port)
        try await Self.ip("-n", host.namespace, "addr", "add", host.address + "/24", "dev", "eth0")
        for device in ["lo", "eth0"] { try await Self.ip("-n", host.namespace, "link", "set", device, "up") }
        return host
    }

    /// From now on nothing reaches it and nothing comes from it, and nobody is told.
    package func cutOff(_ host: NetworkHost) async throws {
        try await Self.ip("-n", wire, "link", "set", host.port, "nomaster")
    }

    package func heal(_ host: NetworkHost) async throws { try await plug(host.port) }

    /// Programs that still run keep their machine until they end.
    private func takeDown() async {
        for namespace in hosts.value.map(\.namespace) + [wire] { _ = try? await Self.ip("netns", "del", namespace) }
    }

    /// The namespace with the wire, which is a bridge.
    private var wire: String { name + "-wire" }

    private func plug(_ port: String) async throws {
        try await Self.ip("-n", wire, "link", "set", port, "master", "wire", "up")
    }

    @discardableResult
    private static func ip(_ arguments: String...) async throws -> ProcessResult {
        try await runSuccessfully("ip", arguments)
    }
}

/// A machine of a ``TestNetwork``.
package struct NetworkHost: Sendable {
    let namespace: String
    /// Its end at the wire.
    let port: String
    package let address: String

    /// The same command, run there: `ip` becomes the program, so signals reach it.
    package func command(_ words: [String]) -> [String] { ["ip", "netns", "exec", namespace] + words }
}
