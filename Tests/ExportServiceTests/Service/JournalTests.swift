import Artifacts
import ExportService
import Glibc
import JSONBytes
import JobQueue
import RPC
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// Exports that are taken from their process and go on in another one.
@Suite struct JournalTests {
    /// Pages asked for, each as often as it was.
    private func asked(_ server: HTTPTestServer) -> [Int: Int] {
        server.requests.reduce(into: [:]) { $0[Int($1.query["page"] ?? "") ?? 0, default: 0] += 1 }
    }

    // first      pages 1…20 ── 21 waits ── stopped
    // second                               1…20 from the journal ── 21…30 ── file
    @Test func fetchedPagesAreNotFetchedAgain() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(
            total: 3_000, by: gate, where: { page, asked in page > 20 && asked == 0 }
        )
        .server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(conn: 2))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 2_000 }
            let running = try #require(try await harness.detail(key).running)
            #expect(running.phase == "crawling" && running.pages == 20 && running.sourceBytes > 100_000)
            #expect(running.diskBytes > 0)
            #expect(harness.service.diskBytes >= running.diskBytes)
            return key
        }
        let journals = FileTree.names(in: directory.path("journals"))
        #expect(journals.count == 1)
        gate.open()
        try await withExports(in: directory) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .succeeded && detail.rows == 3_000, "\(detail.summary.failReason)")
            #expect(detail.running == nil && harness.service.diskBytes == 0)
            try await eventually("the journal to be gone") { FileTree.names(in: directory.path("journals")) == [] }
        }
        let counts = asked(server)
        #expect((1...20).allSatisfy { counts[$0] == 1 }, "\(counts)")
        #expect(counts.keys.max() == 30)
        await server.close()
    }

    @Test func aCancelledExportLeavesNoJournal() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 3_000, by: gate, where: { page, _ in page > 20 }).server()
        try await withExports { harness in
            let key = try await harness.submit(server.request(conn: 2))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 2_000 }
            #expect(FileTree.names(in: harness.directory.path("journals")).count == 1)
            _ = try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: key))
            gate.open()
            try await eventually("the journal to be gone") {
                FileTree.names(in: harness.directory.path("journals")) == []
            }
        }
        await server.close()
    }

    @Test func aJournalThatEndsInTheMiddleOfAPageIsGoodUpToThere() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(
            total: 1_000, by: gate, where: { page, asked in page > 5 && asked == 0 }
        )
        .server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(conn: 1))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 500 }
            return key
        }
        let folder = "\(directory.path("journals"))/\(FileTree.names(in: directory.path("journals"))[0])"
        let file = "\(folder)/\(FileTree.names(in: folder)[0])"
        let size = try #require(FileTree.size(file))
        #expect(truncate(file, off_t(size - 10)) == 0)
        gate.open()
        try await withExports(in: directory) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.rows == 1_000)
        }
        let counts = asked(server)
        #expect((1...4).allSatisfy { counts[$0] == 1 } && counts[5] == 2, "\(counts)")
        await server.close()
    }

    @Test func aJournalIsKeptWithinItsLimit() async throws {
        let server = try await PagedSource(total: 3_000).server()
        try await withExports({ $0.journalBytesMax = 4_096 }) { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 3_000)
        }
        await server.close()
    }

    @Test func anExportGoesOnWithoutAJournal() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("in the way", to: "journals")
        let server = try await PagedSource(total: 3_000).server()
        try await withExports(in: directory) { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 3_000)
        }
        #expect(server.requests.count == 30)
        await server.close()
    }

    // source   pages 1…20, then it waits
    @Test func whatItTakesOfTheDiskIsShown() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 30_000, by: gate, where: { page, _ in page > 20 }).server()
        try await withExports { harness in
            let key = try await harness.submit(server.request(limit: 1_000, conn: 1, format: "CSV"))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 20_000 }
            let shown = try #require(try await harness.detail(key).running?.diskBytes)
            let journal = octets(below: harness.directory.path("journals"))
            let files = octets(below: harness.directory.path("work"))
            #expect(journal > 100_000 && files > 100_000)
            // It was measured with the last pages, and nothing has come since.
            #expect((journal...journal + files).contains(shown), "\(shown): \(journal) and \(files)")
            gate.open()
            #expect(try await harness.ended(key).summary.status == .succeeded)
        }
        await server.close()
    }

    private func octets(below directory: String) -> Int {
        FileTree.names(in: directory).reduce(0) { sum, folder in
            sum
                + FileTree.names(in: "\(directory)/\(folder)").reduce(0) {
                    $0 + (FileTree.size("\(directory)/\(folder)/\($1)") ?? 0)
                }
        }
    }

    @Test func whatNobodyContinuesIsSweptAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        let left = "\(directory.path("journals"))/7-\(HashKey(of: "x"))"
        try FileTree.makeDirectory(left)
        try FileTree.makeFile("\(left)/00000000000000000001.pages")
        try await withExports(in: directory) { _ in
            #expect(FileTree.names(in: directory.path("journals")) == [])
        }
    }

    @Test func filesThatGrowBeyondTheirLimitEndTheExport() async throws {
        let server = try await PagedSource(total: 200_000).server()
        try await withExports({ $0.file.diskBytesMax = 1 << 20 }) { harness in
            let key = try await harness.submit(server.request(limit: 10_000, format: "CSV"))
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .failed)
            #expect(detail.summary.failReason.hasSuffix("octets, 1048576 are allowed"), "\(detail.summary.failReason)")
            #expect(FileTree.names(in: directory(harness)) == [])
        }
        await server.close()
    }

    private func directory(_ harness: ExportHarness) -> String { harness.directory.path("work") }
}
