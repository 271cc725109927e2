import Foundation
import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// Replicas of the export service as processes of their own, on one server and one directory of artefacts.
@Suite(.postgreSQL) struct ReplicaTests {
    private let directory: TemporaryDirectory
    private let secret: String
    private let store: String

    init() async throws {
        directory = try TemporaryDirectory()
        secret = try directory.write(String(repeating: "s", count: 64), to: "rpc.secret")
        store = try await PostgreSQLTrait.current.makeDatabase()
    }

    /// A replica that is dead to the others after two seconds.
    private func replica(_ name: String, source: HeldSource) async throws -> PailouProcess {
        for shared in ["artifacts", "rows"] {
            try FileManager.default.createDirectory(
                atPath: directory.path("shared/\(shared)"), withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                atPath: directory.path("\(name)/export"), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: directory.path("\(name)/export/\(shared)"),
                withDestinationPath: directory.path("shared/\(shared)"))
        }
        return try await PailouProcess.start(
            in: directory.path(name), ["--role", "export", "--store", store],
            environment: [
                "PAILOU_RPC_SECRET_FILE": secret, "PAILOU_STORE_WORKER_TIMEOUT": "2s",
                "PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)",
            ])
    }

    private func gateway(of replicas: [PailouProcess]) async throws -> PailouProcess {
        let addresses = replicas.map { $0.endpoints.rpc["export"]! }.joined(separator: ",")
        return try await PailouProcess.start(
            in: directory.path("gateway"), ["--role", "gateway"],
            environment: ["PAILOU_RPC_SECRET_FILE": secret, "PAILOU_SERVICES_EXPORT": addresses])
    }

    private func isWorking(_ replica: PailouProcess) async throws -> Bool {
        try await HTTP.get(replica.adminURL + "/metrics").text.contains("\njobs_running 1.0\n")
    }

    // replica 1    runs the export ── kill -9
    // replica 2                          2 s: replica 1 is dead, runs the export again ── done
    @Test func anExportOfAKilledReplicaIsFinishedByTheOther() async throws {
        let source = try await HeldSource.start(rows: 50, pageHeld: 3)
        let replicas = [
            try await replica("one", source: source), try await replica("two", source: source),
        ]
        let gateway = try await gateway(of: replicas)
        let client = ExportClient(baseURL: gateway.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url, title: "shared", limit: 10))
        try await eventually("a held page") { source.isHolding }
        try await eventually("one working replica") {
            let working = [try await isWorking(replicas[0]), try await isWorking(replicas[1])]
            return working.count { $0 } == 1
        }
        let dying = try await isWorking(replicas[0]) ? 0 : 1
        try await replicas[dying].kill()
        source.release()
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2, "\(detail)")
        #expect(detail["rows"]?.integer == 50)
        let link = try #require(detail["down_url"]?.string)
        #expect(try await HTTP.get(link).status == 200)
        try await gateway.stop()
        try await replicas[1 - dying].stop()
        await source.close()
    }

    // replica 1    runs the export ── SIGSTOP ······································ SIGCONT: its writes are refused
    // replica 2                           2 s: replica 1 is dead, runs it again ── done
    @Test func aStoppedReplicaThatGoesOnWritesNothingMore() async throws {
        let source = try await HeldSource.start(rows: 50, pageHeld: 3)
        let replicas = [
            try await replica("one", source: source), try await replica("two", source: source),
        ]
        let gateway = try await gateway(of: replicas)
        let client = ExportClient(baseURL: gateway.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url, title: "stopped", limit: 10))
        try await eventually("a held page") { source.isHolding }
        try await eventually("a working replica") {
            let working = [try await isWorking(replicas[0]), try await isWorking(replicas[1])]
            return working.contains(true)
        }
        let stopped = try await isWorking(replicas[0]) ? 0 : 1
        replicas[stopped].signal(SIGSTOP)
        try await eventually(within: .seconds(20), "the job on the other replica") {
            try await isWorking(replicas[1 - stopped])
        }
        source.release()
        let address = "http://\(replicas[1 - stopped].endpoints.admin!)"
        try await eventually(within: .seconds(20), "the end of the export") {
            try await HTTP.get(address + "/metrics").text.contains(
                #"job_executions_ended_total{kind="export",state="succeeded"} 1"#)
        }
        replicas[stopped].signal(SIGCONT)
        let detail = try await client.finished(key)
        try await eventually(within: .seconds(20), "the replica to learn of its death") {
            replicas[stopped].standardError.contains("taken for dead")
        }
        try await eventually("the end of the old execution") { try await !isWorking(replicas[stopped]) }
        #expect(try await client.detail(key) == detail)
        #expect(detail["status"]?.integer == 2)
        let link = try #require(detail["down_url"]?.string)
        #expect(try await HTTP.get(link).status == 200)
        try await gateway.stop()
        for replica in replicas { try await replica.stop() }
        await source.close()
    }

    @Test func thePasswordOfAStoreIsNeverTold() async throws {
        let address = "postgresql://someone:letmein@127.0.0.1:1/none"
        let refused = try await runProcess(
            PailouProcess.program,
            ["serve", "--ephemeral", "--role", "export", "--store", address, "--data-dir", directory.path("none")])
        #expect(refused.status == 1, "\(refused.standardError)")
        #expect(!refused.standardError.contains("letmein"))
        #expect(refused.standardError.contains("127.0.0.1"))
        let shown = try await runProcess(
            PailouProcess.program, ["config"], environment: ["PAILOU_STORE_ADDRESS": address])
        #expect(shown.standardOutput.contains("store.address"))
        #expect(!shown.standardOutput.contains("letmein"))
    }
}
