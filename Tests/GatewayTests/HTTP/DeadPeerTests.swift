import NIOCore
import RPC
import TestSupport
import Testing

/// Peers of façades and of services that vanish without a word: TCP itself has to find out.
struct DeadPeerTests {
    /// What the system says of connections, a line each.
    private func connections(_ filter: String) async throws -> [Substring] {
        let listed = try await runSuccessfully("ss", ["-tnoH", "state", "established", "( \(filter) )"])
        return listed.standardOutput.split(separator: "\n")
    }

    @Test func `connections of façades and to services are watched`() async throws {
        try await GatewayHarness.run { gateway in
            let client = try await gateway.connect()
            #expect(try await client.ask(request("GET /records/1")).status == 200)
            for filter in ["sport = :\(gateway.port)", "dport = :\(gateway.servicePort)"] {
                // One that has just sent something waits for the acknowledgement first.
                try await eventually("a watched connection, \(filter)") {
                    let found = try await connections(filter)
                    return !found.isEmpty && found.allSatisfy { $0.contains("timer:(keepalive,") }
                }
            }
            await client.close()
        }
    }
}
