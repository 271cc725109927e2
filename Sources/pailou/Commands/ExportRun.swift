import ArgumentParser
import Foundation
import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// Follows one export through RPC: progress until it ends, then the file.
struct ExportRun {
    let client: RPCClient

    /// The job may take as long as the service allows; the server ends the wait, not we.
    private static let waitMax = Duration.seconds(7 * 86_400)

    static func key(of result: ByteBuffer) throws -> String {
        guard let key = try JSONValue(parsing: result.readableBytesView)["hash_key"]?.string else {
            throw StartError("expected a hash_key, found \(String(buffer: result))")
        }
        return key
    }

    /// Shows progress until the export ends; a failed one ends the program with its reason.
    func wait(for key: String) async throws -> ExportDetail {
        let params = ByteBuffer(string: #"{"key":"\#(key)"}"#)
        let events = client.events(ExportMethods.events.name, params, options: .init(timeout: Self.waitMax))
        var bar = ProgressBar()
        for try await event in events where event.kind == .progress {
            show(bar.advance(ExportReport(try JSONValue(parsing: event.data.readableBytesView))))
        }
        let detail = try JSONDecoder().decode(
            ExportDetail.self, from: Data(try await events.result().readableBytesView))
        var report = ExportReport()
        (report.percent, report.rows, report.totalRows) = (detail.progress, detail.rows, detail.totalRows)
        show(bar.advance(report))
        show(bar.close())
        guard detail.summary.status == .succeeded else {
            StandardError.print("pailou: the export \(key) failed: \(detail.summary.failReason)")
            throw ExitCode.failure
        }
        return detail
    }

    /// Saves the zip, whole or not at all: through RPC, or where the link leads past it.
    ///
    /// - Parameter authority: A PEM file of those that vouch for that server; nil: the system's.
    func download(_ detail: ExportDetail, to path: String, authority: String? = nil) async throws {
        if let artifact = ExportMethods.artifactParameters(ofDownURL: detail.downURL) {
            try await client.download(ExportMethods.readArtifact, try RPCCoding.encode(artifact), to: path)
            return
        }
        let temporary = path + ".part"
        defer { unlink(temporary) }
        let download = LinkDownload(bytes: detail.bytes, authority: authority) {
            try await client.call(ExportMethods.get, ExportKeyParameters(key: detail.summary.hashKey)).downURL
        }
        try await download.save(to: temporary)
        guard rename(temporary, path) == 0 else { throw StartError("\(path) cannot be replaced") }
    }

    /// Nobody waits for the export any more: ends it, unless it has ended by itself.
    func cancel(_ key: String) async {
        let params = ByteBuffer(string: #"{"key":"\#(key)"}"#)
        let answer = try? await client.call(ExportMethods.cancel.name, params, options: .init(timeout: .seconds(5)))
        if answer != nil { StandardError.print("pailou: the export \(key) is cancelled") }
    }

    private func show(_ text: String) {
        if !text.isEmpty { StandardError.write(text) }
    }
}
