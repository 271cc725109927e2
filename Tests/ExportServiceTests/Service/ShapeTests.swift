import ExportService
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Requests that say what the file looks like.
@Suite struct ShapeTests {
    @Test func columnsAreChosenNamedAndOrdered() async throws {
        let server = try await PagedSource(total: 30).server()
        try await withExports { harness in
            let columns: JSONValue = .array([
                ["key": "amount", "caption": "Sum", "format": "decimal(2)", "total": "sum"],
                ["key": "name"], ["key": "id", "format": "text"],
            ])
            let plain: JSONValue = .array([["key": "amount", "caption": "Sum"], ["key": "name"], ["key": "id"]])
            let csv = server.request(limit: 10, title: "t", format: "CSV").setting("columns", plain)
            let (_, folder) = try await harness.exported(csv)
            let text = try await runSuccessfully("head", ["-n", "4", "\(folder)/t.csv"]).standardOutput
            #expect(text == "\u{feff}Sum,名称,编号\r\n0.0,行 0,0\r\n0.25,行 1,1\r\n0.5,行 2,2\r\n")

            let xlsx = server.request(limit: 10, title: "t").setting("columns", columns)
                .setting("sheet", ["name": "S", "freeze_columns": 1, "filter": false])
            let (detail, book) = try await harness.exported(xlsx)
            #expect(detail.rows == 30)
            let script = """
                import sys, openpyxl
                sheet = openpyxl.load_workbook(sys.argv[1], data_only=True)["S"]
                assert [c.value for c in sheet[1]] == ["Sum", "名称", "编号"]
                assert [c.value for c in sheet[5]] == [0.75, "行 3", "3"]
                assert sheet["A5"].number_format == "0.00" and sheet["C5"].number_format == "@"
                assert sheet["A32"].value == sum(n * 0.25 for n in range(30)), sheet["A32"].value
                assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref is None
                """
            try await runSuccessfully(
                try await pythonWithPackages(["openpyxl"]), ["-c", script, "\(book)/t.xlsx"],
                environment: ["PYTHONUTF8": "1"])
        }
        await server.close()
    }

    @Test(arguments: [(false, true), (true, nil)] as [(Bool, Bool?)])
    func partsMayBeSheetsOfOneWorkbook(setting: Bool, wish: Bool?) async throws {
        let server = try await PagedSource(total: 250).server()
        try await withExports({ configuration in
            configuration.file.rowsPerFile = 100
            configuration.file.sheetPerPart = setting
        }) { harness in
            var sheet: JSONValue = ["name": "行"]
            if let wish { sheet = sheet.setting("per_part", .bool(wish)) }
            let body = server.request(limit: 30, title: "表").setting("sheet", sheet)
            let (detail, folder) = try await harness.exported(body)
            #expect(detail.files == 1 && detail.rows == 250)
            let script = """
                import sys, openpyxl
                book = openpyxl.load_workbook(sys.argv[1])
                assert book.sheetnames == ["行", "行 2", "行 3"], book.sheetnames
                rows = [list(sheet.iter_rows(values_only=True)) for sheet in book]
                assert [len(r) for r in rows] == [101, 101, 51] and rows[0][0] == rows[1][0] == rows[2][0]
                assert [row[1] for r in rows for row in r[1:]] == list(range(250))
                """
            try await runSuccessfully(
                try await pythonWithPackages(["openpyxl"]), ["-c", script, "\(folder)/表.xlsx"],
                environment: ["PYTHONUTF8": "1"])

            let files = body.setting("sheet", ["per_part": false])
            #expect(try await harness.exported(files).detail.files == 3)
            let lines = body.setting("ext_type", "CSV").setting("sheet", .null)
            let (csv, _) = try await harness.exported(lines)
            #expect(csv.files == 3)
        }
        await server.close()
    }

    @Test(arguments: ["CSV", "tsv", "JSONL"])
    func whatOnlyWorkbooksShowIsRefusedForOthers(format: String) async throws {
        let server = try await PagedSource(total: 30).server()
        try await withExports { harness in
            let columns: JSONValue = .array([
                ["key": "amount", "caption": "Sum", "format": "general"],
                ["key": "name", "format": "date", "time_zone": "Asia/Shanghai", "width": 9],
                ["key": "id", "format": "decimal(2)", "total": "sum", "group": "g", "currency": "$"],
            ])
            let body = server.request(format: format).setting("columns", columns).setting("sheet", ["name": "x"])
            let error = await #expect(throws: RPCError.self) { try await harness.submit(body) }
            #expect(
                error?.details.map(\.path) == [
                    ["sheet"], ["columns", "1", "format"], ["columns", "1", "time_zone"], ["columns", "1", "width"],
                    ["columns", "2", "format"], ["columns", "2", "currency"], ["columns", "2", "group"],
                    ["columns", "2", "total"],
                ])
            #expect(error?.details.first?.message.contains(format.uppercased()) == true)
            // Requests that were accepted before are read on.
            #expect(throws: Never.self) { try RequestRules().check(body, .http) }
        }
        #expect(server.requests.isEmpty)
        await server.close()
    }

    @Test func aColumnTheSourceHasNotEndsTheExport() async throws {
        let server = try await PagedSource(total: 30).server()
        try await withExports { harness in
            let body = server.request().setting("columns", .array([["key": "id"], ["key": "salary"]]))
            let detail = try await harness.ended(try await harness.submit(body))
            #expect(detail.summary.failReason == #"columns.1.key: the source has no column "salary""#)
        }
        await server.close()
    }

    @Test(arguments: [
        (#"{"columns":[]}"#, ["columns"]),
        (#"{"columns":[1]}"#, ["columns", "0"]),
        (#"{"columns":[{"key":"a"},{"caption":"b"}]}"#, ["columns", "1", "key"]),
        (#"{"columns":[{"key":"a"},{"key":"a"}]}"#, ["columns", "1", "key"]),
        (#"{"columns":[{"key":"a","format":"decimal(16)"}]}"#, ["columns", "0", "format"]),
        (#"{"columns":[{"key":"a","format":"datetime","time_zone":"Mars/Base"}]}"#, ["columns", "0", "time_zone"]),
        (#"{"columns":[{"key":"a","width":0}]}"#, ["columns", "0", "width"]),
        (#"{"columns":[{"key":"a","total":"median"}]}"#, ["columns", "0", "total"]),
        (#"{"columns":[{"key":"a","format":"money","currency":"\u0001"}]}"#, ["columns", "0", "currency"]),
        (#"{"columns":[{"key":"a","format":"money","currency":"\uffff"}]}"#, ["columns", "0", "currency"]),
        (
            #"{"columns":[{"key":"a","format":"money","currency":"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"}]}"#,
            ["columns", "0", "currency"]
        ),
        (#"{"sheet":{"filter":1}}"#, ["sheet", "filter"]),
        (#"{"sheet":{"name":""}}"#, ["sheet", "name"]),
        (#"{"sheet":{"per_part":"yes"}}"#, ["sheet", "per_part"]),
    ])
    func whatIsWrongIsSaidWithItsPlace(members: String, path: [String]) throws {
        var body = Sample.http
        for member in try JSONValue(parsing: Array(members.utf8)).members ?? [] {
            body = body.setting(member.key, member.value)
        }
        let error = #expect(throws: RPCError.self) { try RequestRules().check(body, .http) }
        #expect(error?.details.map(\.path) == [path.map { .name($0) }])
    }
}
