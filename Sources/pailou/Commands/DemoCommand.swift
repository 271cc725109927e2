import ArgumentParser
import Foundation
import Gateway
import HTTPFetch
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RPC
import ServiceContracts
import ServiceRuntime

/// The whole system in one run, for people who have just built it.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Start the whole system, export its own demonstration source, download and open the file, stop.")

    @Option(help: "Rows to export.")
    var rows = 100_000

    @Option(help: "Rows per page.")
    var limit = 1000

    @OptionGroup var settingsOptions: SettingsOptions

    func run() async throws {
        let settings = try await settingsOptions.load()
        ProcessSettings.bootstrap(settings, quiet: true)
        let directory = NSTemporaryDirectory() + "pailou-demo-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await StartFailure.told {
            let system = try await System.start(
                roles: [.gateway, .export, .demo], settings: settings,
                listeners: Listeners(options: [], isEphemeral: false, settings: settings),
                dataDirectory: try DataDirectory(path: directory))
            StandardOutput.write(EndpointTable(system.endpoints).text + "\n")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await system.runUntilStopped() }
                tasks.addTask { try await showExport(on: system.endpoints, in: directory) }
                try await tasks.next()
                tasks.cancelAll()
            }
        }
    }

    /// The main job as a client does it: submit by REST, watch, download from `down_url`, open.
    private func showExport(on endpoints: Endpoints, in directory: String) async throws {
        guard let facade = endpoints.facades["export"], let rpc = endpoints.rpc["gateway"].flatMap({ HostPort($0) })
        else { throw StartError("the demonstration needs the gateway and the export service") }
        let fetcher = try CurlFetcher()
        let client = RPCClient(
            host: rpc.host, port: rpc.port, group: .singletonMultiThreadedEventLoopGroup,
            logger: Logger(label: "demo"))
        let clock = ContinuousClock()
        let start = clock.now
        let key = try await submit(to: "http://" + facade, fetcher)
        let detail = try await ExportRun(client: client).wait(for: key)
        let took = clock.now - start
        let path = directory + "/export.zip"
        try await LinkDownload(bytes: detail.bytes) { detail.downURL }.save(to: path)
        report(try ExportedFile(path: path), took: took, url: detail.downURL)
        await client.close()
        await fetcher.shutdown()
    }

    private func submit(to url: String, _ fetcher: CurlFetcher) async throws -> String {
        let source = "\(url)/demo/page?total=\(rows)"
        let body = ExportRequestBody(url: source, title: "demo", limit: limit, conn: 5)
        let response = try await fetcher.fetch(
            HTTPFetchRequest(
                method: "POST", url: url + "/v1/export/http",
                headers: [(name: "Content-Type", value: "application/json")], body: body.bytes, policy: nil))
        guard let key = try JSONValue(parsing: response.body)["data"]?["hash_key"]?.string else {
            throw StartError("POST /v1/export/http answered \(String(decoding: response.body, as: UTF8.self))")
        }
        StandardOutput.write("POST /v1/export/http  \(response.status)  hash_key \(key)\n")
        return key
    }

    private func report(_ file: ExportedFile, took: Duration, url: String) {
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let figures = String(
            format: "%d rows in %d workbook, %.1f MiB, %.2f s, %.0f rows/s", file.rows, file.workbooks,
            Double(file.bytes) / 1_048_576, seconds, Double(file.rows) / seconds)
        StandardOutput.write("GET \(url)\n\(figures)\n")
    }
}
