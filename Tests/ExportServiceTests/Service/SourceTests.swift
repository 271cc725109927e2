import Artifacts
import ExportService
import Foundation
import JSONBytes
import RPC
import ServiceContracts
import Synchronization
import TestSupport
import Testing

/// What sources ask for beyond page numbers.
@Suite struct SourceTests {
    // MARK: Cursors

    /// A source that names its next page; `total` is told only if it is asked to.
    private func cursorServer(
        rows: Int, pageRows: Int, tellsTotal: Bool = false,
        fault: @escaping @Sendable (_ first: Int, _ asked: Int) async -> HTTPTestAnswer? = { _, _ in nil }
    ) async throws -> HTTPTestServer {
        let asked = Mutex<[Int: Int]>([:])
        return try await HTTPTestServer { request in
            let first = request.query["after"].flatMap { Int($0.dropFirst(2)) } ?? 0
            guard request.query["page"] == nil, request.query["after"]?.hasPrefix("t-") ?? true else {
                return .status(400)
            }
            let count = asked.withLock { asked in
                asked[first, default: 0] += 1
                return asked[first]! - 1
            }
            if let answer = await fault(first, count) { return answer }
            let end = min(rows, first + pageRows)
            let found = (first..<end).map { #",{"id":\#($0)}"# }.joined()
            let next = end < rows ? #""t-\#(end)""# : "null"
            let tag = tellsTotal ? #","pagetag":{"total":\#(rows),"limit":\#(pageRows)}"# : ""
            return .json(
                #"{"errcode":0,"data":{"data":[{"id":"Number"}\#(found)],"links":{"next":\#(next)}\#(tag)}}"#)
        }
    }

    private static let cursor: JSONValue = ["cursor": ["next": "data.links.next", "param": "after"]]

    @Test(arguments: [false, true]) func aCursorIsFollowedToItsEnd(tellsTotal: Bool) async throws {
        let server = try await cursorServer(rows: 1_003, pageRows: 100, tellsTotal: tellsTotal) { first, asked in
            first == 300 && asked < 2 ? .status(503) : nil
        }
        try await withExports({ $0.file.rowsPerFile = 700 }) { harness in
            let (detail, folder) = try await harness.exported(
                server.request(title: "t", format: "CSV", source: Self.cursor))
            #expect(detail.rows == 1_003 && detail.totalRows == 1_003 && detail.files == 2)
            let text = try await runSuccessfully("tail", ["-n", "1", "\(folder)/t-2.csv"]).standardOutput
            #expect(text == "1002\r\n")
        }
        #expect(server.requests.count == 13)
        await server.close()
    }

    @Test func aCursorGoesOnAfterItsProcess() async throws {
        let gate = Gate()
        let server = try await cursorServer(rows: 500, pageRows: 100) { first, asked in
            if first == 300, asked == 0 { await gate.wait() }
            return nil
        }
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(source: Self.cursor))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 300 }
            return key
        }
        gate.open()
        try await withExports(in: directory) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.rows == 500 && detail.summary.failReason == "")
        }
        #expect(server.requests.count == 6)
        await server.close()
    }

    @Test func aCursorThatGoesInCirclesEnds() async throws {
        let server = try await HTTPTestServer { _ in
            .json(#"{"errcode":0,"data":{"data":[{"id":"Number"},{"id":1}],"links":{"next":"again"}}}"#)
        }
        try await withExports { harness in
            let detail = try await harness.ended(try await harness.submit(server.request(source: Self.cursor)))
            #expect(detail.summary.failReason == "page 2: the source gave the same cursor again")
        }
        #expect(server.requests.count == 2)
        await server.close()
    }

    @Test func aCursorWithoutAnEndIsCut() async throws {
        let server = try await HTTPTestServer { request in
            let next = (request.query["after"].flatMap { Int($0) } ?? 0) + 1
            return .json(#"{"errcode":0,"data":{"data":[{"id":"Number"}],"links":{"next":"\#(next)"}}}"#)
        }
        try await withExports({ $0.crawlLimits.pagesMax = 10 }) { harness in
            let detail = try await harness.ended(try await harness.submit(server.request(source: Self.cursor)))
            #expect(detail.summary.failReason == "the source has more than the 10 pages allowed")
            try await eventually("nothing to be left") {
                server.openConnectionCount == 0 && FileTree.names(in: harness.directory.path("work")) == []
            }
        }
        #expect(server.requests.count == 10)
        await server.close()
    }

    // MARK: Rows that move

    @Test func aRowThatComesTwiceIsFound() async throws {
        let source = PagedSource(total: 300)
        // A row was inserted after page 1 had been read: everything has moved by one.
        let server = try await HTTPTestServer { request in
            let page = Int(request.query["page"] ?? "") ?? 0
            let text = source.page(page, limit: 100)
            return .json(page == 2 ? text.replacing(#""id":100,"#, with: #""id":99,"#) : text)
        }
        try await withExports { harness in
            let body = server.request(conn: 1, source: ["unique_key": "id"])
            let detail = try await harness.ended(try await harness.submit(body))
            #expect(
                detail.summary.failReason
                    == #"page 2: row 1 has the "id" of an earlier row: the source changed while it was paged"#)
            let missing = server.request(conn: 1, title: "m", source: ["unique_key": "note"])
            let other = try await harness.ended(try await harness.submit(missing))
            #expect(other.summary.failReason == #"page 1: row 1 has no "note", which is its unique_key"#)
        }
        await server.close()
    }

    @Test func aSourceThatShrinksMayHaveLostRows() async throws {
        let server = try await PagedSource(total: 299, toldTotal: { page in page == 1 ? 300 : 299 }).server()
        try await withExports { harness in
            let body = server.request(conn: 1, source: ["unique_key": "id"])
            let detail = try await harness.ended(try await harness.submit(body))
            #expect(detail.summary.failReason.hasPrefix("the source had 300 rows and has 299 now: rows may be missing"))
            let careless = try await harness.ended(try await harness.submit(server.request(conn: 1)))
            #expect(careless.summary.status == .succeeded)
        }
        await server.close()
    }

    // MARK: Credentials

    private func credentials(_ server: HTTPTestServer) throws -> SourceCredentials {
        try SourceCredentials(
            parsing: Array(
                #"{"erp":{"origins":["\#(server.url)"],"bearer":"t0ken"},"old":{"origins":["\#(server.url)"],"basic":"u:p"}}"#
                    .utf8))
    }

    @Test(arguments: [("erp", "Bearer t0ken"), ("old", "Basic dTpw")])
    func aCredentialGoesWithEveryPage(name: String, header: String) async throws {
        let server = try await PagedSource(total: 300).server()
        let known = try credentials(server)
        try await withExports({ $0.credentials = known }) { harness in
            let own: JSONValue = ["credential": .string(name), "header": ["authorization": "mine"]]
            let (detail, _) = try await harness.exported(server.request(source: own))
            #expect(detail.rows == 300)
            for file in FileTree.names(in: harness.directory.path) where file.hasPrefix("store") {
                let found = try await runProcess("grep", ["-cE", "t0ken|dTpw|u:p", harness.directory.path(file)])
                #expect(found.status == 1, "\(file)")
            }
        }
        #expect(server.requests.count == 3 && server.requests.allSatisfy { $0.header("authorization") == header })
        await server.close()
    }

    @Test func aCredentialIsNotForStrangers() async throws {
        let (server, stranger) = try await (PagedSource(total: 1).server(), PagedSource(total: 1).server())
        let known = try credentials(server)
        try await withExports({ $0.credentials = known }) { harness in
            for (body, word) in [
                (stranger.request(source: ["credential": "erp"]), "for others"),
                (server.request(source: ["credential": "crm"]), "found another"),
            ] {
                let error = await #expect(throws: RPCError.self) { try await harness.submit(body) }
                #expect(error?.details.first?.path == ["source_http", "credential"])
                #expect(error?.details.first?.message.contains(word) == true)
            }
        }
        #expect(stranger.requests.isEmpty)
        await server.close()
        await stranger.close()
    }

    // MARK: Routes and rates

    @Test func pagesComeThroughTheProxy() async throws {
        let source = PagedSource(total: 250)
        // A proxy is asked for whole URLs.
        let proxy = try await HTTPTestServer { request in
            .json(source.page(Int(request.query["page"] ?? "") ?? 0, limit: 100))
        }
        try await withExports({ $0.proxy = proxy.url }) { harness in
            let body = proxy.request(source: ["url": "http://erp.example/rows"])
            let (detail, _) = try await harness.exported(body)
            #expect(detail.rows == 250)
        }
        #expect(proxy.requests.count == 3)
        await proxy.close()
    }

    /// Sleeps by moving its time.
    private final class FastClock: Sendable {
        private let state = Mutex((now: Duration.zero, slept: [Duration]()))

        var now: Duration { state.withLock { $0.now } }

        func sleep(_ pause: Duration) {
            state.withLock { state in
                state.now += pause
                state.slept.append(pause)
            }
        }

        /// What was slept since the last look.
        func slept() -> [Duration] {
            state.withLock { state in
                defer { state.slept = [] }
                return state.slept
            }
        }
    }

    @Test func turnsAreTakenAtTheStrictestRate() async throws {
        let clock = FastClock()
        let pacers = SourcePacers(now: { clock.now }, sleep: { clock.sleep($0) })
        let one = pacers.enter("http://a", pagesPerSecond: 4)
        for _ in 0..<3 { await one.turn() }
        #expect(clock.slept() == [.milliseconds(250), .milliseconds(250)])
        clock.sleep(.seconds(10))
        _ = clock.slept()
        await one.turn()
        #expect(clock.slept() == [])

        let (free, slow) = (pacers.enter("http://a", pagesPerSecond: nil), pacers.enter("http://a", pagesPerSecond: 2))
        let other = pacers.enter("http://b", pagesPerSecond: nil)
        for _ in 0..<9 { await other.turn() }
        #expect(clock.slept() == [])
        for pacer in [free, one, slow] { await pacer.turn() }
        #expect(clock.slept() == [.milliseconds(250), .milliseconds(500), .milliseconds(500)])

        slow.leave()
        one.leave()
        for _ in 0..<9 { await free.turn() }
        #expect(clock.slept() == [])
        free.leave()
        // What was asked for a moment ago counts, by whomever.
        let next = pacers.enter("http://a", pagesPerSecond: 4)
        await next.turn()
        #expect(clock.slept() == [.milliseconds(500)])
    }

    @Test(arguments: [true, false]) func aSourceIsNotAskedFasterByTwoExports(isOperators: Bool) async throws {
        let times = Shared<[ContinuousClock.Instant]>([])
        let source = PagedSource(
            total: 100,
            fault: { _, _ in
                times.change { $0.append(.now) }
                return nil
            })
        let server = try await source.server()
        try await withExports({ $0.pagesPerSecondMax = isOperators ? 10 : nil }) { harness in
            let rate: JSONValue = isOperators ? [:] : ["pages_per_second": 10]
            var keys: [String] = []
            for title in ["a", "b"] {
                keys.append(try await harness.submit(server.request(limit: 10, title: title, source: rate)))
            }
            for key in keys { #expect(try await harness.ended(key).rows == 100) }
        }
        // Twenty pages have nineteen pauses of 100 ms between them; each export for itself would take half of that.
        let all = times.value
        try #require(all.count == 20)
        #expect(all[19] - all[0] > .milliseconds(1_500))
        await server.close()
    }

    @Test(arguments: [
        (#"{"pages_per_second":0}"#, "pages_per_second"), (#"{"cursor":1}"#, "cursor"),
        (#"{"unique_key":""}"#, "unique_key"),
    ])
    func whatIsWrongIsSaidWithItsPlace(members: String, name: String) throws {
        var http = try #require(Sample.http["source_http"])
        for member in try JSONValue(parsing: Array(members.utf8)).members ?? [] {
            http = http.setting(member.key, member.value)
        }
        let body = Sample.http.setting("source_http", http)
        let error = #expect(throws: RPCError.self) { try RequestRules().check(body, .http) }
        #expect(error?.details.map(\.path) == [["source_http", .name(name)]])
    }
}
