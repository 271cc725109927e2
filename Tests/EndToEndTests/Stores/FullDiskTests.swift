import Foundation
import JSONBytes
import TestSupport
import Testing

/// The real program on a file system of a few megabytes that somebody else fills.
struct FullDiskTests {
    private static let megabytes = 64
    /// Below it new work is refused, so that what was accepted can go on: also what is accepted until the program looks
    /// at its disk again.
    private static let reserve = 16 << 20

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The store and all files of exports are in a file system of the process's own, `endpoints.json` is not.
    private func start(source: HeldSource) async throws -> PailouProcess {
        let store = directory.path("data/export")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        let mount = "mount -t tmpfs -o size=\(Self.megabytes)m none '\(store)' && exec \"$@\""
        return try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "PAILOU_STORE_FREE_BYTES_MIN": "\(Self.reserve)",
                "PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)",
            ], under: ["unshare", "-rm", "sh", "-c", mount, "sh"])
    }

    /// The file system as the process sees it.
    private func place(_ system: PailouProcess) -> String { "/proc/\(system.pid)/root\(directory.path("data/export"))" }

    /// Writes until only so many octets are left, or none.
    private func fill(_ system: PailouProcess, leaving left: Int) throws {
        var status = statvfs()
        try #require(statvfs(place(system), &status) == 0)
        let free = Int(status.f_bavail) * Int(status.f_frsize) - left
        let file = open(place(system) + "/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let block = [UInt8](repeating: 7, count: 65_536)
        var written = 0
        while written < free || left == 0 {
            let count = write(file, block, left == 0 ? block.count : min(block.count, free - written))
            if count <= 0 { break }
            written += count
        }
    }

    private func empty(_ system: PailouProcess) { unlink(place(system) + "/ballast") }

    /// Refused at once, with the status that asks to come back.
    private func expectRefusal(_ system: PailouProcess, _ title: String) async throws {
        let begin = ContinuousClock.now
        let body = ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: title)
        let answer = try await HTTP.post(system.exportURL + "/v1/export/http", body)
        #expect(answer.status == 503, "\(title): \(answer.text) \(system.standardError)")
        #expect(answer.text.contains("the disk is nearly full"), "\(title): \(answer.text) \(system.standardError)")
        #expect(ContinuousClock.now - begin <= .seconds(1), "\(title)")
    }

    private func expectCancel(_ client: ExportClient, _ key: String) async throws {
        let answer = try await HTTP.post(client.baseURL + "/v1/export/cancel", #"{"key": "\#(key)"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try await client.detail(key)["status"]?.integer == 4)
    }

    // disk        ········ nearly full ·················· full ················ freed
    // client      accepted   refused, reads, cancels       refused, reads, cancels   accepted
    // execution   held ···················· cancelled                  other one ends
    @Test func newWorkIsRefusedAtOnceAndAllElseGoesOnUntilThereIsRoomAgain() async throws {
        let source = try await HeldSource.start(rows: 50, pageHeld: 3)
        let system = try await start(source: source)
        let client = ExportClient(baseURL: system.exportURL)
        let done = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        let detail = try await client.finished(done)
        let held = try await client.submit(ExportClient.body(source: source.url, title: "held", limit: 10))
        let late = try await client.submit(ExportClient.body(source: source.url, title: "late", limit: 10))
        let kept = try await client.submit(ExportClient.body(source: source.url, title: "kept", limit: 10))
        try await eventually("held pages") { source.isHolding }

        try fill(system, leaving: Self.reserve / 2)
        try await eventually("the refusal of new work") {
            let body = ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: UUID().uuidString)
            return try await HTTP.post(system.exportURL + "/v1/export/http", body).status == 503
        }
        try await expectRefusal(system, "nearly full")
        #expect(try await client.detail(done) == detail)
        try await expectCancel(client, held)

        try fill(system, leaving: 0)
        try await expectRefusal(system, "full")
        try await expectCancel(client, late)
        #expect(system.isRunning, "\(system.standardError)")
        #expect(try await client.detail(done) == detail)
        let link = try #require(detail["down_url"]?.string)
        #expect(try await HTTP.get(link).status == 200)
        source.release()

        empty(system)
        try await eventually(within: .seconds(20), "new work") {
            let body = ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: "again")
            return try await HTTP.post(system.exportURL + "/v1/export/http", body).status == 200
        }
        let again = try await client.submit(
            ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: "again"))
        #expect(try await client.finished(again)["status"]?.integer == 2)
        // Accepted before: it has one outcome, whether its file found room or not.
        #expect([2, 3].contains(try await client.finished(kept)["status"]?.integer))
        for key in [held, late] { #expect(try await client.detail(key)["status"]?.integer == 4) }
        let check = try await runProcess(
            "nsenter",
            ["--target", "\(system.pid)", "--user", "--mount", PailouProcess.program, "store", "check"]
                + ["--data-dir", directory.path("data")])
        #expect(check.status == 0, "\(check.standardOutput)\(check.standardError)")
        try await system.stop()
        await source.close()
    }
}
