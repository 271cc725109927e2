import JSONBytes
import NIOCore
import Synchronization
import TestSupport

/// A source in the documented format whose rows are known, with faults to order.
///
/// Row n is `{"id": n, "name": "行 n", "amount": n·0.25, "note": …}`; the header has another order than the rows.
struct PagedSource: Sendable {
    var total: Int
    /// What to answer instead of a page, if anything: page, how often it has been asked for before.
    var fault: @Sendable (_ page: Int, _ asked: Int) async -> HTTPTestAnswer? = { _, _ in nil }
    /// The total that is told when a page is asked for; the real one unless a test lies.
    var toldTotal: (@Sendable (_ page: Int) -> Int)?

    /// A source that answers some of its questions only once the gate is open.
    ///
    /// - Parameter waits: Whether a page waits that has been asked for so often before; by default all do.
    static func gated(
        total: Int, by gate: Gate,
        where waits: @escaping @Sendable (_ page: Int, _ asked: Int) -> Bool = { _, _ in true }
    ) -> PagedSource {
        PagedSource(
            total: total,
            fault: { page, asked in
                if waits(page, asked) { await gate.wait() }
                return nil
            })
    }

    /// Keys in the header's order with their captions.
    static let header = #"{"name":"名称","id":"编号","note":"备注","amount":"金额"}"#

    func server() async throws -> HTTPTestServer {
        let asked = Counts()
        return try await HTTPTestServer { request in
            let page = Int(request.query["page"] ?? "") ?? 0
            let limit = Int(request.query["limit"] ?? "") ?? 0
            if let answer = await fault(page, asked.next(page)) { return answer }
            return .json(self.page(page, limit: limit))
        }
    }

    /// The text of a page.
    func page(_ page: Int, limit: Int) -> String {
        let first = (page - 1) * limit
        let rows = first < total ? (first..<min(total, first + limit)).map(Self.row) : []
        let told = toldTotal?(page) ?? total
        return #"{"errcode":0,"msg":"","data":{"data":[\#(([Self.header] + rows).joined(separator: ","))],"#
            + #""pagetag":{"page":\#(page),"limit":\#(limit),"total":\#(told),"total_page":\#((told + limit - 1) / limit)}}}"#
    }

    private static func row(_ id: Int) -> String {
        // Every third row comes in another order, every fifth has no note, every seventh an extra member.
        let note = id.isMultiple(of: 5) ? "" : #","note":"第\t\#(id) \"行\"""#
        let extra = id.isMultiple(of: 7) ? #","extra":{"a":[1]}"# : ""
        let amount = Double(id) * 0.25
        return id.isMultiple(of: 3)
            ? #"{"amount":\#(amount)\#(note),"name":"行 \#(id)","id":\#(id)\#(extra)}"#
            : #"{"id":\#(id),"name":"行 \#(id)"\#(note)\#(extra),"amount":\#(amount)}"#
    }

    /// Counts how often something was asked for.
    private final class Counts: Sendable {
        private let counts = Mutex<[Int: Int]>([:])

        func next(_ page: Int) -> Int {
            counts.withLock { counts in
                counts[page, default: 0] += 1
                return counts[page]! - 1
            }
        }
    }
}

extension HTTPTestServer {
    /// A request to export this source.
    func request(
        limit: Int = 100, conn: Int = 5, title: String = "导出", callback: String? = nil, format: String = "XLSX",
        source: JSONValue = [:]
    ) -> JSONValue {
        var http: JSONValue = [
            "url": .string("\(url)/rows"), "method": "GET", "param": ["limit": .number("\(limit)")],
            "conn": .number("\(conn)"),
        ]
        for member in source.members ?? [] { http = http.setting(member.key, member.value) }
        let body: JSONValue = [
            "timestamp": 1_625_106_204, "ext_type": .string(format), "title": .string(title), "user_id": "123",
            "source_http": http,
        ]
        return callback.map { body.setting("callback", .string($0)) } ?? body
    }
}
