import Foundation
import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// The deployment of the README on machines of its own: a gateway, two replicas, PostgreSQL, one wire.
@Suite(.enabled("the kernel refuses network namespaces", TestNetwork.isPermitted))
struct NetworkTests {
    private let directory: TemporaryDirectory
    private let environment: [String: String]

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path("artifacts"), withIntermediateDirectories: true)
        environment = [
            "PAILOU_RPC_SECRET_FILE": try directory.write(String(repeating: "s", count: 64), to: "rpc.secret"),
            "PAILOU_LISTEN_ALLOW_PLAINTEXT": "true",
            "PAILOU_STORE_WORKER_TIMEOUT": "2s",
            "PAILOU_EXPORT_ARTIFACTS": directory.path("artifacts"),
        ]
    }

    private func replica(_ host: NetworkHost, store: String, sources: String) async throws -> PailouProcess {
        try await PailouProcess.start(
            in: directory.path(host.address),
            ["--role", "export", "--store", store, "--listen", "rpc.export=\(host.address):7101"]
                + ["--listen", "admin=\(host.address):7190"],
            environment: environment.merging(["PAILOU_EXPORT_ALLOWED_SOURCES": sources]) { $1 }, on: host)
    }

    private func gateway(_ host: NetworkHost, of replicas: [NetworkHost]) async throws -> PailouProcess {
        let addresses = replicas.map { "\($0.address):7101" }.joined(separator: ",")
        return try await PailouProcess.start(
            in: directory.path(host.address),
            ["--role", "gateway", "--service", "export=\(addresses)", "--listen", "export=\(host.address):8080"],
            environment: environment, on: host)
    }

    private func isWorking(_ replica: PailouProcess) async throws -> Bool {
        try await HTTP.get(replica.adminURL + "/metrics").text.contains("\njobs_running 1.0\n")
    }

    private func detailsAnswered(by replica: PailouProcess) async throws -> Double {
        let lines = try await HTTP.get(replica.adminURL + "/metrics").text.split(separator: "\n")
        let counts = lines.filter { $0.hasPrefix("rpc_calls_total{") && $0.contains(#"method="export.job.get""#) }
        return counts.reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
    }

    // replica 1    runs the export ── cut off ·························· healed: learns of its death, works again
    // replica 2                          2 s: runs it again ── done
    // gateway                                  calls go to replica 2         calls go to both
    @Test func aMachineThatIsCutOffLosesNothingAndComesBack() async throws {
        try await TestNetwork.with { network in
            let hosts = [try await network.addHost(2), try await network.addHost(3)]
            let server = try await PostgreSQLServer(on: try await network.addHost(9))
            let store = try await server.makeDatabase()
            let source = try await HeldSource.start(rows: 50, pageHeld: 3, host: network.address)
            var replicas: [PailouProcess] = []
            for host in hosts { replicas.append(try await replica(host, store: store, sources: network.cidr)) }
            let gateway = try await gateway(try await network.addHost(1), of: hosts)
            let client = ExportClient(baseURL: gateway.exportURL)

            let key = try await client.submit(ExportClient.body(source: source.url, title: "cut off", limit: 10))
            try await eventually("a held page") { source.isHolding }
            let cut = try await isWorking(replicas[0]) ? 0 : 1
            #expect(try await isWorking(replicas[cut]))
            try await network.cutOff(hosts[cut])
            try await eventually(within: .seconds(30), "the job on the other replica") {
                try await isWorking(replicas[1 - cut])
            }
            source.release()
            let detail = try await finished(key, client)
            // New work goes on without it.
            let next = try await client.submit(ExportClient.body(source: source.url, title: "without it", limit: 10))
            _ = try await finished(next, client)

            try await network.heal(hosts[cut])
            try await eventually(within: .seconds(60), "the replica to learn of its death") {
                replicas[cut].standardError.contains("taken for dead")
            }
            try await eventually(within: .seconds(30), "the end of the old execution") {
                try await !isWorking(replicas[cut])
            }
            let known = try await detailsAnswered(by: replicas[cut])
            try await eventually(within: .seconds(60), "calls to the replica that came back") {
                #expect(try await client.detail(key) == detail)
                return try await detailsAnswered(by: replicas[cut]) > known
            }
            try await gateway.stop()
            for replica in replicas { try await replica.stop() }
            await source.close()
            await server.close()
        }
    }

    /// The detail of an export that succeeded and can be downloaded.
    private func finished(_ key: String, _ client: ExportClient) async throws -> JSONValue {
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2, "\(detail)")
        #expect(detail["rows"]?.integer == 50)
        let link = try #require(detail["down_url"]?.string)
        #expect(try await HTTP.get(link).status == 200)
        return detail
    }
}
