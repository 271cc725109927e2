import Artifacts
import ExportService
import Glibc
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// The download: whole, in part, its head, and what is not there.
@Suite struct ArtifactTests {
    private func meta(range: String? = nil, ifRange: String? = nil, ifNoneMatch: String? = nil, head: Bool = false)
        -> RPCMeta
    {
        var meta = RPCMeta()
        meta.http = RPCHTTPInfo(
            facade: "export", method: head ? "HEAD" : "GET", path: "/v1/down", base: "http://exports.example:8080/",
            ip: "127.0.0.1", range: range, ifRange: ifRange, ifNoneMatch: ifNoneMatch, head: head)
        return meta
    }

    @Test func aZipIsServedWholeAndInParts() async throws {
        try await withExports { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw, meta: meta())
            let detail = try await harness.ended(key)
            let (month, day) = WallClock.folders(milliseconds: WallClock.milliseconds())
            #expect(detail.downURL == "http://exports.example:8080/v1/down/\(month)/\(day)/\(key).zip")
            let whole = try await harness.download(detail)
            #expect(whole.octets.count == detail.bytes && whole.octets.starts(with: Array("PK".utf8)))
            #expect(whole.content.type == "application/zip" && whole.content.name == "请求直接携带数据导出.zip")
            #expect(whole.content.status == nil && whole.content.size == detail.bytes)

            let part = try await harness.download(detail, meta: meta(range: "bytes=10-19"))
            #expect(part.octets == Array(whole.octets[10...19]) && part.content.status == 206)
            #expect(part.content.range == .init(first: 10, last: 19, total: detail.bytes))
            let head = try await harness.download(detail, meta: meta(head: true))
            #expect(head.octets.isEmpty && head.content.size == detail.bytes && head.content.etag == whole.content.etag)
            let far = try await harness.download(detail, meta: meta(range: "bytes=99999999999999999999-"))
            #expect(far.octets.isEmpty && far.content.status == 416)
            let all = try await harness.download(detail, meta: meta(range: "bytes=0-99999999999999999999"))
            #expect(all.octets == whole.octets && all.content.status == 206)
            let known = try await harness.download(detail, meta: meta(ifNoneMatch: whole.content.etag))
            #expect(known.octets.isEmpty && known.content.status == 304)
            let beyond = try await harness.download(detail, meta: meta(range: "bytes=\(detail.bytes)-"))
            #expect(beyond.octets.isEmpty && beyond.content.status == 416 && beyond.content.size == detail.bytes)
        }
    }

    @Test(arguments: [
        "../../store.sqlite", "202109/06/2c3a54f7120a0d31f847d43f2c9725b6.zip", "202109/06/.zip", " / /..",
        "202109/06/..",
    ])
    func otherNamesAreNotFound(_ name: String) async throws {
        try await withExports { harness in
            let error = await #expect(throws: RPCError.self) { try await harness.download(path: "/v1/down/\(name)") }
            #expect(error?.status == .notFound && error?.reason == "artifact")
        }
    }

    @Test func aPartOfAnotherFileThanTheClientsIsAnsweredWithTheWhole() async throws {
        try await withExports { harness in
            let detail = try await harness.ended(harness.submit(Sample.raw, ExportMethods.submitRaw))
            let whole = try await harness.download(detail)
            for (validator, status) in [(whole.content.etag, 206), ("\"another\"", nil), ("Sat, 21 Nov 2026", nil)] {
                let meta = meta(range: "bytes=1-2", ifRange: validator)
                let answer = try await harness.download(detail, meta: meta)
                #expect(answer.content.status == status)
                #expect(answer.octets == (status == 206 ? Array(whole.octets[1...2]) : whole.octets))
            }
        }
    }

    @Test func whereFilesAreKeptIsNotToldToClients() async throws {
        let server = try await PagedSource(total: 3).server()
        try await withExports { harness in
            let work = harness.directory.path("work")
            FileTree.remove(work)
            try harness.directory.write("in the way", to: "work")
            let detail = try await harness.ended(harness.submit(server.request()))
            #expect(detail.summary.status == .failed && detail.summary.failReason.contains("work/"))
            #expect(!detail.summary.failReason.contains(harness.directory.path))
        }
        await server.close()
    }

    @Test func aPlainPeersPiecesCostEachOctetOnce() async throws {
        try await withExports { harness in
            let detail = try await harness.ended(harness.submit(Sample.raw, ExportMethods.submitRaw))
            let file = try #require(harness.artifacts.first)
            let size = 40 * 64 * 1024 + 17
            #expect(truncate(file, size) == 0)
            let whole = try await harness.download(detail).octets
            let before = harness.service.artifactBytesRead
            #expect(try await harness.downloadPlainly(detail).elementsEqual(whole) && whole.count == size)
            #expect(harness.service.artifactBytesRead - before == size)
        }
    }

    @Test func abandonedDownloadsLetTheirFileGo() async throws {
        try await withExports { harness in
            let detail = try await harness.ended(harness.submit(Sample.raw, ExportMethods.submitRaw))
            let file = try #require(harness.artifacts.first)
            // More than the credit of a stream, so that every reader leaves in the middle.
            #expect(truncate(file, 16 << 20) == 0)
            for _ in 0..<8 {
                let stream = try await harness.open(path: detail.downURL)
                for try await _ in stream { break }
            }
            try await eventually("the file to be closed") { !OpenFiles.paths.contains(file) }
        }
    }

    @Test func anExpiredFileIsRemovedAndSaidToBe() async throws {
        try await withExports({
            $0.retention = .zero
            $0.sweepInterval = .milliseconds(10)
        }) { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            var detail = try await harness.ended(key)
            let url = "x/202101/01/\(key).zip"
            try await eventually("the sweep") {
                detail = try await harness.detail(key)
                return detail.expired
            }
            #expect(detail.summary.status == .succeeded && detail.downURL == "" && detail.expiresAt != nil)
            try await eventually("the folders to go") {
                FileTree.names(in: harness.directory.path("artifacts")).isEmpty
            }
            await #expect(throws: RPCError.self) { try await harness.download(path: url) }
        }
    }

    @Test func aShorterRetentionLaterTakesNoFileFromItsRecord() async throws {
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory, { $0.retention = .seconds(30 * 86_400) }) { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            #expect(try await harness.ended(key).summary.status == .succeeded)
            return key
        }
        let orphan = try directory.write("left behind", to: "artifacts/202001/01/\(key).zip")
        for month in FileTree.names(in: directory.path("artifacts")) {
            for day in FileTree.names(in: directory.path("artifacts/\(month)")) {
                for file in FileTree.names(in: directory.path("artifacts/\(month)/\(day)")) {
                    try makeOld(directory.path("artifacts/\(month)/\(day)/\(file)"))
                }
            }
        }
        try await withExports(
            in: directory,
            {
                $0.retention = .seconds(1)
                $0.sweepInterval = .milliseconds(10)
            }
        ) { harness in
            try await eventually("the orphan to go") { access(orphan, F_OK) != 0 }
            #expect(try await harness.download(harness.detail(key)).octets.isEmpty == false)
        }
    }

    @Test func anInterruptedExportIsWholeAfterARestart() async throws {
        let gate = Gate()
        let source = PagedSource.gated(total: 500, by: gate, where: { page, asked in page == 3 && asked == 0 })
        let server = try await source.server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request())
            try await eventually { server.requests.count > 3 }
            return key
        }
        try directory.write("left behind", to: "work/9-9/part-1.xlsx")
        try await withExports(in: directory) { harness in
            #expect(!FileTree.names(in: directory.path("work")).contains("9-9"))
            gate.open()
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .succeeded && detail.rows == 500)
        }
        await server.close()
    }
}

/// As if it had been written ten days ago.
private func makeOld(_ path: String) throws {
    let time = timeval(tv_sec: WallClock.seconds() - 10 * 86_400, tv_usec: 0)
    try #require(utimes(path, [time, time]) == 0)
}
