import Artifacts
import ExportService
import HTTPFetch
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Sources that fail, lie or attack: the export fails with a reason that helps, and leaves nothing behind.
@Suite struct HostileSourceTests {
    private func failure(
        of server: HTTPTestServer, allowing allowed: [String] = ["127.0.0.0/8"],
        _ change: (inout ExportConfiguration) -> Void = { _ in }
    ) async throws -> String {
        let reason = try await withExports(allowing: allowed, change) { harness in
            let key = try await harness.submit(server.request())
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .failed && detail.downURL == "" && detail.files == 0)
            #expect(FileTree.names(in: harness.directory.path("work")) == [])
            #expect(FileTree.names(in: harness.directory.path("artifacts")) == [])
            try await eventually("nothing to be left") {
                server.openConnectionCount == 0 && FileTree.names(in: harness.directory.path("journals")) == []
            }
            return detail.summary.failReason
        }
        await server.close()
        return reason
    }

    @Test func aSourceThatFailsLateFailsTheWholeExport() async throws {
        let server = try await PagedSource(total: 2_000, fault: { page, _ in page == 20 ? .status(500) : nil }).server()
        #expect(try await failure(of: server) == "page 20: the source answered status 500 (tried 5 times)")
    }

    @Test func aRefusalIsNotTriedAgain() async throws {
        let server = try await PagedSource(total: 200, fault: { page, _ in page == 2 ? .status(403) : nil }).server()
        #expect(try await failure(of: server) == "page 2: the source answered status 403")
        #expect(server.requests.filter { $0.query["page"] == "2" }.count == 1)
    }

    @Test func theSourcesOwnMessageIsPassedOn() async throws {
        let server = try await HTTPTestServer { _ in .json(#"{"errcode":1003,"msg":"没有权限","data":null}"#) }
        #expect(try await failure(of: server) == "page 1: the source answered errcode 1003: 没有权限")
    }

    @Test(arguments: [(400, ""), (503, " (tried 5 times)")])
    func itsMessageIsPassedOnWhateverItsStatus(status: Int, tries: String) async throws {
        let server = try await HTTPTestServer { _ in
            .json(#"{"errcode":9,"msg":"scroll expired"}"#, status: status)
        }
        #expect(
            try await failure(of: server)
                == "page 1: the source answered status \(status), errcode 9: scroll expired\(tries)")
    }

    @Test(arguments: [#"{"errcode":0,"msg":"x"}"#, #"{"msg":"x"}"#, #"{"errcode":"9","msg":"x"}"#, "[9]", "{", ""])
    func aBodyThatSaysNothingIsNotAsked(body: String) async throws {
        let server = try await HTTPTestServer { _ in .json(body, status: 403) }
        #expect(try await failure(of: server) == "page 1: the source answered status 403")
    }

    // MARK: Pages that are not what was asked for

    @Test func aPageWithoutTheHeaderWouldLoseARow() async throws {
        let source = PagedSource(total: 300)
        let server = try await HTTPTestServer { request in
            let page = Int(request.query["page"] ?? "") ?? 0
            let text = source.page(page, limit: 100)
            return .json(page == 1 ? text : text.replacing(PagedSource.header + ",", with: ""))
        }
        let reason = try await failure(of: server) { $0.crawlLimits.strictTotal = false }
        #expect(reason == "page 2: expected the header row first, as on page 1, found another row")
    }

    @Test(arguments: [
        #"{"id":"编\u53f7","name":"名称","note":"备注","amount":"金额"}"#, #"{"amount" : "金额"}"#,
        #"{"name":"名称","more":"x"}"#,
    ])
    func aHeaderMayBeWrittenInAnotherWay(header: String) async throws {
        let source = PagedSource(total: 300)
        let server = try await HTTPTestServer { request in
            let page = Int(request.query["page"] ?? "") ?? 0
            let text = source.page(page, limit: 100)
            return .json(page == 1 ? text : text.replacing(PagedSource.header, with: header))
        }
        try await withExports { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 300)
        }
        await server.close()
    }

    @Test(arguments: [0, 1]) func theSamePageAgainAndAgainIsNoExport(first: Int) async throws {
        let source = PagedSource(total: 500)
        let server = try await HTTPTestServer { _ in
            .json(source.page(1, limit: 100).replacing(#""page":1,"#, with: #""page":\#(first),"#))
        }
        let reason = try await failure(of: server)
        #expect(reason.hasSuffix(" in data.pagetag.page, found \(first)"), "\(reason)")
    }

    @Test(arguments: [#""page":"N","#, #""page":N-1,"#, #""page":null,"#])
    func aSourceMayCountItsPagesAsItLikes(form: String) async throws {
        let source = PagedSource(total: 500)
        let server = try await HTTPTestServer { request in
            let page = Int(request.query["page"] ?? "") ?? 0
            let said = form.replacing("N-1", with: "\(page - 1)").replacing("N", with: "\(page)")
            return .json(source.page(page, limit: 100).replacing(#""page":\#(page),"#, with: said))
        }
        try await withExports { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 500)
        }
        await server.close()
    }

    @Test func rowsThatLackAreAWarningIfTheyMay() async throws {
        let server = try await PagedSource(total: 100, toldTotal: { _ in 105 }).server()
        try await withExports({ $0.crawlLimits.strictTotal = false }) { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 100 && detail.totalRows == 105 && detail.warnings == 1)
        }
        await server.close()
    }

    @Test func aTotalThatIsTooLargeIsALie() async throws {
        let server = try await PagedSource(total: 150, toldTotal: { _ in 380 }).server()
        #expect(try await failure(of: server) == "the source says it has 380 rows, its 4 pages held 150")
    }

    @Test func aTotalThatIsTooSmallIsALie() async throws {
        let server = try await PagedSource(total: 150, toldTotal: { _ in 120 }).server()
        #expect(try await failure(of: server) == "the source says it has 120 rows, its 2 pages held 150")
    }

    @Test func htmlIsNoPage() async throws {
        let server = try await PagedSource(
            total: 500, fault: { page, _ in page == 3 ? .text("<html>login</html>") : nil }
        )
        .server()
        #expect(try await failure(of: server).hasPrefix("page 3: not JSON: "))
    }

    @Test func aRowThatIsNoObjectFails() async throws {
        let server = try await HTTPTestServer { _ in
            .json(#"{"errcode":0,"data":{"data":[{"a":"A"},{"a":1},[2]],"pagetag":{"total":2,"limit":10}}}"#)
        }
        #expect(try await failure(of: server) == "page 1: expected an object as row 2")
    }

    @Test func anEndlessBodyEndsAtTheLimit() async throws {
        let server = try await HTTPTestServer { _ in .endless() }
        let reason = try await failure(of: server) { $0.pageLimits.bodyBytesMax = 1 << 20 }
        #expect(reason == "page 1: the response's body is larger than 1048576 bytes")
    }

    @Test func aCompressionBombEndsAtTheLimit() async throws {
        let server = try await HTTPTestServer { _ in .gzipBomb(decodedBytes: 1 << 30) }
        let reason = try await failure(of: server) { $0.pageLimits.bodyBytesMax = 1 << 20 }
        #expect(reason == "page 1: the response's body is larger than 1048576 bytes")
        #expect(server.requests.count == 1)
    }

    @Test func aPageThatDripsIsGivenUp() async throws {
        let drip = HTTPTestAnswer(body: .drip(Array(repeating: [0x20], count: 100_000), pause: .milliseconds(20)))
        let server = try await HTTPTestServer { _ in drip }
        let reason = try await failure(of: server) { configuration in
            configuration.pageRetries.triesMax = 1
            configuration.pageLimits.lowSpeedBytesPerSecond = 1_000
            configuration.pageLimits.lowSpeedDuration = .seconds(1)
        }
        #expect(reason == "page 1: the response came too slowly (tried 1 times)")
    }

    @Test func aCircleOfRedirectsEnds() async throws {
        let server = try await HTTPTestServer { _ in .redirect(to: "/rows") }
        #expect(try await failure(of: server).hasPrefix("page 1: the response redirects more than 3 times"))
        #expect(server.requests.count == 4)
    }

    @Test func aBillionRowsAreMoreThanAnybodyHas() async throws {
        let server = try await HTTPTestServer { _ in
            .json(
                #"{"errcode":0,"data":{"data":[{"a":"A"},{"a":1}],"pagetag":{"total":1000000000,"limit":1,"total_page":1000000000}}}"#
            )
        }
        #expect(try await failure(of: server) == "the source has 1000000000 rows, 20000000 are allowed")
        #expect(server.requests.count == 1)
    }

    @Test func aNumberOfPagesThatTheRowsBelieIsNotBelieved() async throws {
        let server = try await HTTPTestServer { _ in
            .json(
                #"{"errcode":0,"data":{"data":[{"a":"A"},{"a":1},{"a":2}],"pagetag":{"total":2,"limit":2,"total_page":1000000000}}}"#
            )
        }
        try await withExports { harness in
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.rows == 2)
        }
        #expect(server.requests.count == 1)
        await server.close()
    }

    @Test func aSourceThatWantsToBeWaitedForTooLongIsNot() async throws {
        let server = try await HTTPTestServer { _ in .status(503, headers: [("Retry-After", "99999999")]) }
        let reason = try await failure(of: server)
        #expect(reason.hasPrefix("page 1: the source answered status 503 and asked to wait"))
        #expect(server.requests.count == 1)
    }

    @Test func connectionsThatBreakOffAreTriedAgainAFewTimesOnly() async throws {
        let server = try await HTTPTestServer { _ in .drop }
        let reason = try await failure(of: server) { $0.pageRetries.triesMax = 3 }
        #expect(reason.hasPrefix("page 1: the transfer failed: ") && reason.hasSuffix("(tried 3 times)"), "\(reason)")
        #expect(server.connectionCount <= 6)
    }

    @Test func aRedirectToTheMetadataServiceIsRefusedAtConnect() async throws {
        let server = try await HTTPTestServer { _ in .redirect(to: "http://169.254.169.254/latest/meta-data") }
        let reason = try await failure(of: server)
        #expect(reason.hasPrefix("page 1: connecting to 169.254.169.254:80"))
        #expect(reason.contains("export.allowedSources"))
    }

    @Test func aLocalAddressIsRefusedUnlessItIsAllowed() async throws {
        let server = try await PagedSource(total: 10).server()
        let reason = try await failure(of: server, allowing: [])
        #expect(reason.contains("is not allowed") && reason.contains("export.allowedSources"))
        #expect(server.requests.isEmpty)
    }

    @Test func theFacadesOwnAddressIsAlwaysAllowed() async throws {
        let server = try await PagedSource(total: 10).server()
        try await withExports(allowing: []) { harness in
            try harness.service.allow(server.address)
            let (detail, _) = try await harness.exported(server.request())
            #expect(detail.downURL.hasPrefix("http://\(server.address)/v1/down/"))
        }
        await server.close()
    }

    @Test func aHeaderMapCannotWriteASecondRequest() async throws {
        try await withExports { harness in
            let server = try await PagedSource(total: 10).server()
            let source: JSONValue = ["header": ["X": "a\r\nHost: b\r\n\r\nGET /"]]
            let error = await #expect(throws: RPCError.self) {
                try await harness.submit(server.request(source: source))
            }
            #expect(error?.status == .invalidArgument)
            #expect(error?.details.first?.path == ["source_http", "header", "X"])
            #expect(server.requests.isEmpty)
            await server.close()
        }
    }

    @Test func aSourceThatGoesOnForeverIsCutByItsRows() async throws {
        let server = try await PagedSource(total: 5_000, toldTotal: { page in page * 100 + 1 }).server()
        let reason = try await failure(of: server) { $0.crawlLimits.rowsMax = 700 }
        #expect(reason == "the source has 701 rows, 700 are allowed")
    }
}
