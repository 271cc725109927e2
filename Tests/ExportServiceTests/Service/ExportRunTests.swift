import Artifacts
import ExportService
import JSONBytes
import NIOCore
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Whole exports from real sources, judged by other people's readers.
@Suite struct ExportRunTests {
    @Test func everyCellOfATroublesomeSourceArrives() async throws {
        // Slow, out of order, 500, 429 with Retry-After, dropped and cut connections: each first try of some pages.
        let doors = (0...126).map { _ in Gate() }
        let source = PagedSource(
            total: 25_000,
            fault: { page, asked in
                doors[page].open()
                // Not before the next page has been asked for.
                if page.isMultiple(of: 7), asked == 0 { await doors[page + 1].wait() }
                switch (page % 25, asked) {
                case (3, 0), (3, 1): return .status(500)
                case (5, 0): return .status(429, headers: [("Retry-After", "0")])
                case (11, 0): return .drop
                case (13, 0): return HTTPTestAnswer(body: .cut(Array(#"{"errcode":0,"#.utf8), declared: 5_000))
                case (17, 0): return .status(503)
                default: return nil
                }
            })
        let server = try await source.server()
        try await withExports { harness in
            let (detail, folder) = try await harness.exported(server.request(limit: 200, conn: 8, title: "大表/1"))
            #expect(detail.rows == 25_000 && detail.totalRows == 25_000 && detail.files == 1)
            #expect(detail.progress == 100 && detail.bytes > 100_000 && detail.warnings == 0)
            try await judge("\(folder)/大表_1.xlsx", rows: 0..<25_000)
        }
        #expect(server.requests.allSatisfy { $0.header("xt-export-taskId")?.count == 32 })
        await server.close()
    }

    @Test func partsFollowEachOther() async throws {
        let server = try await PagedSource(total: 250).server()
        try await withExports({ $0.file.rowsPerFile = 100 }) { harness in
            let (detail, folder) = try await harness.exported(server.request(limit: 30, title: "表"))
            #expect(detail.files == 3 && detail.rows == 250)
            try await judge("\(folder)/表-1.xlsx", rows: 0..<100)
            try await judge("\(folder)/表-2.xlsx", rows: 100..<200)
            try await judge("\(folder)/表-3.xlsx", rows: 200..<250)
        }
        await server.close()
    }

    @Test(arguments: [1, 2, 3]) func partsWrittenAtOnceAreThoseOfOneThread(partsAtOnce: Int) async throws {
        let server = try await PagedSource(total: 10_000).server()
        // Next to nothing waits in memory, so pages are read from the journal again; a page ends in the middle of a part.
        try await withExports({ configuration in
            configuration.file.rowsPerFile = 1_050
            configuration.file.partsAtOnceMax = partsAtOnce
            configuration.file.pendingBytesMax = 20_000
        }) { harness in
            let (detail, folder) = try await harness.exported(server.request(limit: 100, title: "表"))
            #expect(detail.files == 10 && detail.rows == 10_000)
            for part in 0..<10 {
                try await judge("\(folder)/表-\(part + 1).xlsx", rows: part * 1_050..<min(10_000, (part + 1) * 1_050))
            }
        }
        #expect(server.requests.count == 100)
        await server.close()
    }

    @Test(arguments: [0, 1 << 20]) func aPartThatFailsFailsTheExport(journalBytesMax: Int) async throws {
        let bad = PagedSource(
            total: 5_000,
            fault: { page, _ in
                guard page == 20 else { return nil }
                return .json(
                    #"{"errcode":0,"data":{"data":[\#(PagedSource.header),[1]],"pagetag":{"total":5000,"limit":100}}}"#)
            })
        let server = try await bad.server()
        try await withExports({ configuration in
            configuration.file.rowsPerFile = 1_000
            configuration.file.pendingBytesMax = 10_000
            configuration.journalBytesMax = journalBytesMax
        }) { harness in
            let detail = try await harness.ended(try await harness.submit(server.request()))
            #expect(detail.summary.failReason == "page 20: expected an object as row 1")
            #expect(FileTree.names(in: harness.directory.path("work")) == [])
        }
        await server.close()
    }

    @Test func anEmptySourceGivesAHeader() async throws {
        let server = try await PagedSource(total: 0).server()
        try await withExports { harness in
            let (detail, folder) = try await harness.exported(server.request())
            #expect(detail.rows == 0 && detail.totalRows == 0 && detail.files == 1)
            try await judge("\(folder)/导出.xlsx", rows: 0..<0)
        }
        await server.close()
    }

    @Test func rowsOfTheRequestAreExportedToo() async throws {
        try await withExports { harness in
            let (detail, folder) = try await harness.exported(
                Sample.raw.setting("ext_type", "csv"), ExportMethods.submitRaw)
            #expect(detail.summary.sourceType == "raw" && detail.rows == 1 && detail.summary.extType == "CSV")
            let text = try await runSuccessfully("cat", ["\(folder)/请求直接携带数据导出.csv"]).standardOutput
            #expect(text == "\u{feff}姓名,年龄\r\n李雷,17\r\n")
        }
    }

    @Test func aPostSourceGetsPageAndLimitInItsBody() async throws {
        let source = PagedSource(total: 45)
        let server = try await HTTPTestServer { request in
            guard let body = try? JSONValue(parsing: request.body), let page = body["page"]?.integer,
                let limit = body["limit"]?.integer, body["filter"] == ["a": [1]], request.method == "POST"
            else { return .status(400) }
            return .json(source.page(page, limit: limit))
        }
        try await withExports { harness in
            let more: JSONValue = ["method": "POST", "param": ["limit": 10, "filter": ["a": [1]]]]
            let (detail, folder) = try await harness.exported(server.request(source: more))
            #expect(detail.rows == 45)
            try await judge("\(folder)/导出.xlsx", rows: 0..<45)
        }
        await server.close()
    }

    @Test func aCappedPageSizeIsTheSourcesOwn() async throws {
        let source = PagedSource(total: 95)
        let server = try await HTTPTestServer { request in
            .json(source.page(Int(request.query["page"] ?? "") ?? 0, limit: 10))
        }
        try await withExports { harness in
            let (detail, _) = try await harness.exported(server.request(limit: 1_000))
            #expect(detail.rows == 95)
        }
        await server.close()
    }

    @Test func oneConnectionServesManyPages() async throws {
        let server = try await PagedSource(total: 500).server()
        try await withExports { harness in
            _ = try await harness.exported(server.request(limit: 10, conn: 3))
        }
        #expect(server.connectionCount <= 3)
        await server.close()
    }

    /// Compares a workbook with the source, cell by cell.
    private func judge(_ path: String, rows: Range<Int>) async throws {
        let python = try await pythonWithPackages(["openpyxl"])
        let script = """
            import sys, openpyxl
            path, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
            found = list(sheet.iter_rows(values_only=True))
            assert found[0] == ("名称", "编号", "备注", "金额"), found[0]
            assert len(found) - 1 == end - first, (len(found) - 1, end - first)
            for n, row in zip(range(first, end), found[1:]):
                row = tuple(row) + (None,) * (4 - len(row))
                note = None if n % 5 == 0 else '第\\t%d "行"' % n
                assert row == ("行 %d" % n, n, note, n * 0.25), (n, row)
            """
        try await runSuccessfully(
            python, ["-c", script, path, "\(rows.lowerBound)", "\(rows.upperBound)"], within: .seconds(60))
    }

    @Test func aTitleOfLongCharactersCanBeUnpacked() async throws {
        let server = try await PagedSource(total: 30).server()
        let title = String(repeating: "👨‍👩‍👧‍👦", count: 80)
        try await withExports({ $0.file.rowsPerFile = 10 }) { harness in
            let (detail, folder) = try await harness.exported(server.request(title: title))
            #expect(detail.summary.title == title)
            let names = FileTree.names(in: folder)
            #expect(names.count == 3 && names.allSatisfy { $0.utf8.count <= 255 && $0.hasPrefix("👨‍👩‍👧‍👦") })
            let offered = try #require(try await harness.download(detail).content.name)
            #expect(offered == String(repeating: "👨‍👩‍👧‍👦", count: 8) + ".zip")
        }
        await server.close()
    }
}
