import Glibc
import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@testable import ExportService

/// Raw exports taken in piece by piece mean what they would mean as a tree.
@Suite struct RawIntakeTests {
    private let directory = try! TemporaryDirectory()
    private var path: String { directory.path("rows") }

    private func take(_ body: String) throws -> Submission {
        try RawIntake(rules: RequestRules(), passwords: nil, path: path).take(ByteBuffer(string: body))
    }

    private func rows() throws -> [String] {
        var rows: [String] = []
        try RowsFile.forEachRow(of: path) { rows.append(String(decoding: $0, as: UTF8.self)) }
        return rows
    }

    @Test(arguments: [
        Sample.raw.description, Sample.raw.setting("zzz", ["b": 1, "a": [2]]).setting("a", 1).description,
        #"{"source_raw":"[{\"a\":\"\\u4e2d\\n\"}, {\"a\":1}]","source_raw":"[]","title":"t","title":"u","#
            + #""timestamp":1,"ext_type":"csv","user_id":7,"\u0073ource":"x"}"#,
        #"{"timestamp":1,"ext_type":"XLSX","title":"😀","user_id":"\ud83d\ude00","#
            + #""source_raw":"[{\"\ud83d\ude00\":\"\ud800\\u0001/\\/\"}]"}"#,
    ])
    func theKeyIsThatOfTheWholeBody(_ body: String) throws {
        let value = try JSONValue(parsing: body.utf8)
        let submission = try take(body)
        #expect(submission.key == HashKey(of: value))
        #expect(submission.request == (try RequestRules().check(value, .raw)))
        let stored = try JSONValue(parsing: submission.body)
        #expect(stored["source_raw"] == nil && stored["title"] == value["title"])
        let text = try #require(value["source_raw"]?.string)
        #expect(try JSONValue(parsing: "[\(rows().joined(separator: ","))]".utf8) == JSONValue(parsing: text.utf8))
    }

    @Test func rowsLongerThanABlockAreKept() throws {
        let long = String(repeating: "长", count: 300_000)
        let rows = ([#"{"a":"A"}"#] + (1...40).map { #"{"a":"\#($0)\#($0 % 20 == 0 ? long : "")"}"# })
        let body = Sample.raw.setting("source_raw", .string("[\(rows.joined(separator: ","))]"))
        #expect(try take(body.description).key == HashKey(of: body))
        #expect(try self.rows() == rows)
    }

    @Test func aRowIsNoLongerThanItMayBe() throws {
        let fits = RawRowsReader.rowBytesMax - #"{"a":""}"#.utf8.count
        for (count, isTaken) in [(fits, true), (fits + 1, false), (40 << 20, false)] {
            let text = String(repeating: "x", count: count)
            let body = Sample.raw.setting("source_raw", .string(#"[{"a":"A"},{"a":"\#(text)"},{"a":"end"}]"#))
            if isTaken {
                _ = try take(body.description)
                #expect(try rows().map(\.utf8.count) == [9, RawRowsReader.rowBytesMax, 11])
                unlink(path)
            } else {
                let error = #expect(throws: RPCError.self) { try take(body.description) }
                #expect(error?.details.map(\.type) == ["too_long"])
                #expect(error?.message.contains("element 1") == true, "\(error?.message ?? "")")
                #expect(access(path, F_OK) != 0)
            }
        }
    }

    @Test(
        arguments: [
            (nil, "missing"), (5, "string_type"), ("", "json_invalid"), ("[{}", "json_invalid"), ("{}", "list_type"),
            ("[]", "too_short"), ("nonsense", "json_invalid"), ("[", "json_invalid"), ("[{}]", "too_short"),
            ("[1]", "dict_type"), (#"[{"a":1},[]]"#, "dict_type"),
            ("[{\"a\":1},\u{0}]", "json_invalid"), (#"{"a":"#, "json_invalid"), (#"[1,{]"#, "json_invalid"),
        ] as [(JSONValue?, String)])
    func wrongRowsAreNamedAndLeaveNoFile(_ rows: JSONValue?, _ type: String) throws {
        let body = Sample.raw.setting("source_raw", rows ?? .null).setting("title", "")
        let error = #expect(throws: RPCError.self) { try take(body.description) }
        #expect(error?.details.map(\.type) == ["string_too_short", type], "\(error?.message ?? "")")
        #expect(error?.details.last?.path == [.name("source_raw")])
        #expect(access(path, F_OK) != 0)
    }

    @Test func aFileCutShortIsNoticed() throws {
        _ = try take(Sample.raw.description)
        #expect(truncate(path, 30) == 0)
        #expect(throws: CrawlFailure.self) { try rows() }
    }
}
