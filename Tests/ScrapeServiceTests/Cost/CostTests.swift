import JSONBytes
import ServiceContracts
import Testing
import XAPI

@testable import ScrapeService

/// Amounts, prices and budgets, without a service.
@Suite struct CostTests {
    @Test(arguments: [
        (0, "0"), (1, "0.000001"), (250_000, "0.25"), (1_000_000, "1"), (12_345_678, "12.345678"), (-500_000, "-0.5"),
    ])
    func anAmountIsWrittenExactly(millionths: Int, text: String) {
        #expect(Cost(millionths: Int64(millionths)).text == text)
    }

    @Test func anAmountIsReadToTheMillionth() {
        #expect(Cost(0.1).map(\.millionths) == 100_000)
        #expect(Cost(0.0000004)?.millionths == 0)
        #expect(Cost(-1) == nil && Cost(1e300) == nil && Cost(.nan) == nil)
    }

    @Test func pricesAreReadAndWritten() throws {
        let prices = try #require(CallPrices(parsing: "posts = 0.002,user=0"))
        #expect(prices.text == "user=0,posts=0.002,search=0.005,followers=0.01,following=0.01")
        #expect(CallPrices(parsing: prices.text) == prices && CallPrices(parsing: "") == CallPrices())
        for wrong in ["posts", "post=1", "posts=-1", "posts=x", "posts=1=2"] {
            #expect(CallPrices(parsing: wrong) == nil)
        }
    }

    private static let verdicts: [([(Budget.Bound, Int, Int)], XRequest.Endpoint, Budget.Verdict)] = [
        ([], .posts(userID: "1"), .items(.max)),
        ([(.task, 100, 0)], .posts(userID: "1"), .items(100)),
        ([(.task, 100, 60), (.taskDay, 30, 0)], .posts(userID: "1"), .items(30)),
        // A page of posts has at least five.
        ([(.task, 100, 96)], .posts(userID: "1"), .reached(.task)),
        ([(.task, 100, 96)], .followers(userID: "1"), .items(4)),
        ([(.task, 100, 200)], .user(name: "a"), .reached(.task)),
        ([(.task, 100, 0), (.serviceDay, 9, 0)], .search, .reached(.serviceDay)),
    ]

    /// Bounds and what was spent are in items.
    @Test(arguments: verdicts.indices)
    func aBudgetAllowsWhatItCanPay(index: Int) {
        let (lines, endpoint, verdict) = Self.verdicts[index]
        let price = Cost(millionths: 5_000)
        var budget = Budget()
        budget.lines = lines.map { .init(bound: $0, most: price * $1, spent: price * $2) }
        #expect(budget.verdict(on: XRequest(endpoint), price: price) == verdict)
        #expect(budget.verdict(on: XRequest(endpoint), price: .zero) == .items(.max))
    }

    @Test(arguments: [("2026-01-31", 20_484), ("1970-01-01", 0), ("2000-02-29", 11_016)])
    func aDayIsReadAndWritten(text: String, number: Int) {
        #expect(CalendarDay(text)?.number == Int64(number) && CalendarDay(number: Int64(number)).text == text)
    }

    @Test(arguments: [
        "", "2026-1-1", "2026-02-30", "2026-13-01", "1969-12-31", "2026-01-01T", "+026-01-01", "2026-00-10",
    ])
    func whatIsNoDayIsNone(text: String) { #expect(CalendarDay(text) == nil) }
}
