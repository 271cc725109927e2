import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// What a service says of its own health, and what the gateway makes of it.
@Suite(.postgreSQL) struct HealthTests {
    private let directory: TemporaryDirectory
    private let secret: String

    init() throws {
        directory = try TemporaryDirectory()
        secret = try directory.write(String(repeating: "s", count: 64), to: "rpc.secret")
    }

    private func health(of replica: PailouProcess) async throws -> String? {
        let answer = try await runProcess(
            PailouProcess.program, ["call", "rpc.health", "--to", replica.endpoints.rpc["export"]!])
        return try JSONValue(parsing: Array(answer.standardOutput.utf8))["status"]?.string
    }

    // store of replica 1    ── stopped ············································· back
    // replica 1                          unhealthy: it is given no calls                 ok
    // gateway               200, 200 …                                   200, 200 …
    @Test func aReplicaWithoutItsStoreSaysSoAndIsGivenNoCalls() async throws {
        let server = try await PostgreSQLServer()
        let environment = ["PAILOU_RPC_SECRET_FILE": secret]
        let cut = try await PailouProcess.start(
            in: directory.path("one"), ["--role", "export", "--store", try await server.makeDatabase()],
            environment: environment)
        let well = try await PailouProcess.start(
            in: directory.path("two"), ["--role", "export"], environment: environment)
        let addresses = [cut, well].map { $0.endpoints.rpc["export"]! }.joined(separator: ",")
        let gateway = try await PailouProcess.start(
            in: directory.path("gateway"), ["--role", "gateway"],
            environment: environment.merging(["PAILOU_SERVICES_EXPORT": addresses]) { $1 })
        #expect(try await health(of: cut) == "ok")
        try await server.crash()
        try await eventually(within: .seconds(30), "the replica to notice") { try await health(of: cut) == "unhealthy" }
        // It was listened to, or is asked every ten seconds.
        try await eventually(within: .seconds(30), "the gateway to hear of it") {
            gateway.standardError.contains("does not serve")
        }
        for _ in 0..<40 {
            #expect(try await HTTP.get(gateway.exportURL + "/v1/export/history?user_id=1").status == 200)
        }
        try await server.restart()
        try await eventually(within: .seconds(30), "the replica's return") { try await health(of: cut) == "ok" }
        for process in [gateway, cut, well] { try await process.stop() }
        await server.close()
    }
}
