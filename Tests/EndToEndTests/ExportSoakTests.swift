import Foundation
import JSONBytes
import TestSupport
import Testing

/// Many exports of mixed size at once: each file is right, and the program is afterwards as it was before.
@Suite(.timeLimit(.minutes(20))) struct ExportSoakTests {
    /// `make soak` asks for more.
    private static let exports = ProcessInfo.processInfo.environment["TEST_EXPORTS"].flatMap { Int($0) } ?? 40
    private static let sizes = [1, 17, 300, 2_500, 40_000]
    private static let formats = ["XLSX", "CSV", "JSONL"]
    /// What the second half may take of memory beyond the first.
    private static let growthBytesMax = 32 << 20

    /// One of the exports; what it is follows from its number.
    private struct Export: Sendable {
        let number: Int

        var rows: Int { ExportSoakTests.sizes[number % ExportSoakTests.sizes.count] }
        var format: String { ExportSoakTests.formats[number % ExportSoakTests.formats.count] }
        var isRaw: Bool { number % 7 == 3 && rows <= 300 }
        var fails: Bool { number % 11 == 5 && rows > 1_000 }
        var isCancelled: Bool { number % 13 == 6 }

        var path: String { isRaw ? "/v1/export/raw" : "/v1/export/http" }

        func body(source: String) -> JSONValue {
            let base: [JSONMember] = [
                JSONMember("timestamp", 1_625_106_204), JSONMember("ext_type", .string(format)),
                JSONMember("title", .string("soak \(number)")), JSONMember("user_id", "123"),
                JSONMember("callback", ""),
            ]
            if isRaw {
                let text = "[" + ([Self.header] + (0..<rows).map(row)).joined(separator: ",") + "]"
                return .object(base + [JSONMember("source_raw", .string(text))])
            }
            let http: JSONValue = [
                "url": .string("\(source)/\(number)"), "method": "GET", "conn": 4, "param": ["limit": 500],
            ]
            return .object(base + [JSONMember("source_http", http)])
        }

        static let header = #"{"id":"Id","name":"Name","amount":"Amount"}"#

        func row(_ index: Int) -> String {
            #"{"id":\#(index),"name":"row \#(index) of \#(number)","amount":\#(Double(index) * 0.25)}"#
        }

        func page(_ page: Int, limit: Int) -> String {
            let first = min(rows, (page - 1) * limit)
            let all = [Self.header] + (first..<min(rows, first + limit)).map(row)
            return #"{"errcode":0,"data":{"data":[\#(all.joined(separator: ","))],"#
                + #""pagetag":{"total":\#(rows),"limit":\#(limit)}}}"#
        }
    }

    private func source() async throws -> HTTPTestServer {
        try await HTTPTestServer { request in
            guard let number = Int(request.path.dropFirst()), let page = request.query["page"].flatMap({ Int($0) }),
                let limit = request.query["limit"].flatMap({ Int($0) })
            else { return .status(400) }
            let export = Export(number: number)
            return export.fails && page == 2 ? .status(403) : .json(export.page(page, limit: limit))
        }
    }

    @Test func theProgramIsAsItWasAfterManyExports() async throws {
        let directory = try TemporaryDirectory()
        let source = try await source()
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": source.address, "PAILOU_EXPORT_EXPORTS_MAX": "4"])
        // What one export opens for good is open before.
        _ = try await finished(Export(number: 100_001), system, source)
        let filesBefore = try openFiles(of: system).count
        let memory = Shared<[Int]>([])
        let isOver = Shared(false)
        let ended = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !isOver.value {
                    memory.change { $0.append(Self.residentBytes(of: system)) }
                    try await ContinuousClock().sleep(for: .milliseconds(50))
                }
            }
            defer { isOver.change { $0 = true } }
            return try await all(system, source)
        }
        try await check(ended, in: directory)

        let (first, second) = (memory.value.prefix(memory.value.count / 2), memory.value.suffix(memory.value.count / 2))
        let growth = (second.max() ?? 0) - (first.max() ?? 0)
        #expect(growth <= Self.growthBytesMax, "\(growth >> 20) MiB more in the second half")
        try await eventually("the files of exports to be closed") {
            try openFiles(of: system).count <= filesBefore
        }
        try await eventually("every connection to the source to be closed") { source.openConnectionCount == 0 }
        for folder in ["work", "journals"] {
            try await eventually("\(folder) to be empty") {
                try FileManager.default.contentsOfDirectory(atPath: directory.path("data/export/\(folder)")).isEmpty
            }
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: directory.path("data/export/artifacts"))
        #expect(files.count { $0.hasSuffix(".zip") } == ended.count { $0.detail["status"] == 2 } + 1)
        #expect(!files.contains { $0.contains(".incoming") })
        try await system.stop()
        await source.close()
    }

    private typealias Ended = (export: Export, detail: JSONValue, zip: [UInt8])

    /// Submits them all, then waits for each and takes its file.
    private func all(_ system: PailouProcess, _ source: HTTPTestServer) async throws -> [Ended] {
        try await withThrowingTaskGroup(of: Ended.self) { group in
            for number in 0..<Self.exports {
                group.addTask { try await finished(Export(number: number), system, source) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func finished(_ export: Export, _ system: PailouProcess, _ source: HTTPTestServer) async throws -> Ended {
        let answer = try await HTTP.post(system.exportURL + export.path, "\(export.body(source: source.url))")
        let key = try #require(try answer.json["data"]?["hash_key"]?.string, "\(answer.text)")
        if export.isCancelled { _ = try await HTTP.post(system.exportURL + "/v1/export/cancel", #"{"key":"\#(key)"}"#) }
        let detail = try await ExportClient(baseURL: system.exportURL).finished(key, within: .seconds(900))
        guard detail["status"] == 2 else { return (export, detail, []) }
        let zip = try await HTTP.get(try #require(detail["down_url"]?.string))
        #expect(zip.status == 200 && zip.body.count == detail["bytes"]?.integer)
        return (export, detail, zip.body)
    }

    /// Every file by somebody else's reading; and what was to fail has failed.
    private func check(_ ended: [Ended], in directory: TemporaryDirectory) async throws {
        var lines: [String] = []
        for (export, detail, zip) in ended {
            let expected: [JSONValue] = export.fails ? [3] : export.isCancelled ? [2, 4] : [2]
            let expectedAnyway = export.fails && export.isCancelled ? [3, 4] : expected
            #expect(expectedAnyway.contains(detail["status"] ?? .null), "export \(export.number): \(detail)")
            guard !zip.isEmpty else { continue }
            let path = directory.path("\(export.number).zip")
            try Data(zip).write(to: URL(fileURLWithPath: path))
            lines.append("\(path) \(export.number) \(export.rows) \(export.format)")
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/soak_files.py"
        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        let result = try await runProcess(
            python, [script], input: Array(lines.joined(separator: "\n").utf8), within: .seconds(600))
        #expect(result.status == 0 && result.standardOutput == "\(lines.count) files\n", "\(result)")
    }

    /// Other than sockets: those of our own calls are kept for the next one.
    private func openFiles(of system: PailouProcess) throws -> [String] {
        let folder = "/proc/\(system.pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
            .filter { !$0.hasPrefix("socket:") }
    }

    private static func residentBytes(of system: PailouProcess) -> Int {
        let text = FileManager.default.contents(atPath: "/proc/\(system.pid)/statm") ?? Data()
        let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * 4_096
    }
}
