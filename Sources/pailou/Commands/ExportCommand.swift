import ArgumentParser
import Foundation
import JSONBytes
import NIOCore
import RPC
import ServiceContracts
import ServiceRuntime

/// The main job from a terminal, through RPC.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export a paginated HTTP source and download the file.")

    @Argument(help: "The source's URL; it must answer as /demo/page does.")
    var url: String

    @Option(help: "The title, which is also the workbook's name.")
    var title = "export"

    @Option(help: "Rows per page asked of the source.")
    var limit = 1000

    @Option(help: "Pages in flight at once.")
    var conn = 5

    @Option(name: .customLong("header"), help: "A header for the source, NAME:VALUE. May be repeated.")
    var headers: [String] = []

    @Option(name: [.customShort("o"), .customLong("output")], help: "Where the zip goes.")
    var output = "export.zip"

    @Option(help: "Authorities of the server that the file comes from, if not of the RPC address; else the system's.")
    var downloadCa: String?

    @OptionGroup var options: RPCOptions

    func validate() throws {
        for header in headers where !header.contains(":") {
            throw ValidationError("--header \(header): expected NAME:VALUE")
        }
        let directory = URL(fileURLWithPath: output).deletingLastPathComponent().path
        guard access(directory, W_OK) == 0 else {
            throw ValidationError("--output \(output): expected a file in a directory that can be written to")
        }
    }

    func run() async throws {
        let request = ExportRequestBody(url: url, title: title, limit: limit, conn: conn, headers: headers)
        try await options.withClient { client in
            let followed = ExportRun(client: client)
            let submitted = try await client.call(ExportMethods.submitHTTP, request.buffer)
            let key = try ExportRun.key(of: submitted)
            do {
                let rows = try await Interruption.ends {
                    let detail = try await followed.wait(for: key)
                    try await followed.download(detail, to: output, authority: downloadCa)
                    return detail.rows
                }
                StandardError.print("\(rows) rows in \(output)")
            } catch let interruption as Interruption {
                await followed.cancel(key)
                throw ExitCode(interruption.exitStatus)
            }
        }
    }
}

/// The documented body of `POST /v1/export/http`.
struct ExportRequestBody {
    let bytes: [UInt8]

    init(url: String, title: String, limit: Int, conn: Int, headers: [String] = []) {
        let fields = headers.map { header in
            let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return JSONMember(String(parts[0]), .string(parts[1].trimmingCharacters(in: .whitespaces)))
        }
        // The moment makes the request another one than yesterday's: the same body would answer yesterday's export.
        let moment = Timestamp.now.milliseconds / 1000
        let body: JSONValue = [
            "timestamp": .number(String(moment)), "ext_type": "XLSX", "title": .string(title), "user_id": "pailou",
            "callback": "",
            "source_http": [
                "url": .string(url), "method": "GET", "header": .object(fields), "conn": .number(String(conn)),
                "param": ["limit": .number(String(limit))],
            ],
        ]
        bytes = body.bytes
    }

    var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }
}
