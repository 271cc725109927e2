import ArgumentParser
import Foundation
import NIOCore
import RPC
import ServiceContracts

/// Submits an export of a paginated HTTP source, waits for it and downloads the zip.
///
///     swift run samples export http://127.0.0.1:8080/demo/page -o demo.zip
struct ExportSample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Submit an export and download it.")

    @Argument(help: ArgumentHelp("It must answer as /demo/page does.", valueName: "source-url"))
    var source: String

    @Option(name: .shortAndLong, help: "Where the zip goes.")
    var output: String

    @Option(help: "The workbook's name.")
    var title = "sample"

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.withClient { client in
            // However often it has to be sent: one export.
            let options = RPCCallOptions(timeout: .seconds(30), idem: UUID().uuidString)
            let key = try await client.call(Submission.contract, submission, options: options).hashKey
            show("submitted \(key)")
            let export = try await finished(key, client)
            guard export.summary.status == .succeeded else {
                throw ValidationError("the export ended as \(export.summary.status)")
            }
            // A link that leads past the service is followed by any HTTP client.
            guard let artifact = ExportMethods.artifactParameters(ofDownURL: export.downURL) else {
                return show("download \(export.downURL)")
            }
            let content = try await client.download(
                ExportMethods.readArtifact, try ByteBuffer(json: artifact), to: output)
            show("saved \(output), \(content.size ?? 0) octets")
        }
    }

    /// Answers when the export has come to its end.
    private func finished(_ key: String, _ client: RPCClient) async throws -> ExportDetail {
        let params = try ByteBuffer(json: ExportKeyParameters(key: key))
        let events = client.events(ExportMethods.events.name, params, options: .init(isIdempotent: true))
        for try await event in events where event.kind == .progress {
            let progress = try event.data.decoded(as: Progress.self)
            show("\(progress.rows) of \(progress.total_rows.map(String.init) ?? "?") rows")
        }
        return try await events.result().decoded(as: ExportDetail.self)
    }

    private var submission: Submission {
        Submission(timestamp: Int(Date().timeIntervalSince1970), title: title, source_http: .init(url: source))
    }
}

/// The documented body of `POST /v1/export/http`.
private struct Submission: Codable {
    struct Source: Codable {
        var url: String
        var method = "GET"
        var header: [String: String] = [:]
        var param = ["limit": 20]
    }

    static let contract = RPCContract<Submission, ExportKey>(ExportMethods.submitHTTP)

    var timestamp: Int
    var ext_type = "XLSX"
    var title: String
    var user_id = "sample"
    var source_http: Source
}

/// What an export says of itself while it runs.
private struct Progress: Decodable {
    var rows: Int
    var total_rows: Int?
}
