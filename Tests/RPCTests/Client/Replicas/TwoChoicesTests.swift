import RPC
import Testing

@Suite struct TwoChoicesTests {
    @Test func `the one with fewer calls is chosen, a connected one before all others`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<100 {
            let byCalls = TwoChoices.choose(of: 2, using: &random) { .init(isConnected: true, calls: $0 == 1 ? 3 : 4) }
            #expect(byCalls.chosen == 1 && byCalls.other == 0)
            let byConnection = TwoChoices.choose(of: 2, using: &random) {
                .init(isConnected: $0 == 0, calls: $0 == 0 ? 99 : 0)
            }
            #expect(byConnection.chosen == 0)
        }
        let alone = TwoChoices.choose(of: 1, using: &random) { _ in .init(isConnected: false, calls: 0) }
        #expect(alone.chosen == 0 && alone.other == nil)
    }

    @Test(arguments: [2, 3, 5, 16])
    func `equal replicas are drawn equally often, never one against itself`(count: Int) {
        var random = SeededRandom(seed: 7)
        var chosen = [Int](repeating: 0, count: count)
        for _ in 0..<10_000 {
            let draw = TwoChoices.choose(of: count, using: &random) { _ in .init(isConnected: true, calls: 0) }
            chosen[draw.chosen] += 1
            #expect(draw.other != draw.chosen)
        }
        let even = 10_000 / count
        #expect(chosen.allSatisfy { abs($0 - even) < even / 5 }, "\(chosen)")
    }

    /// 1,000 balls in 10 bins: two choices leave the fullest within 3 of the mean, one choice would be about 20 above.
    @Test func `loads stay nearly even`() {
        var random = SeededRandom(seed: 42)
        var loads = [Int](repeating: 0, count: 10)
        for _ in 0..<1000 {
            let place = TwoChoices.choose(of: 10, using: &random) { .init(isConnected: true, calls: loads[$0]) }.chosen
            loads[place] += 1
        }
        #expect(loads.max()! - 100 <= 3, "\(loads)")
    }

    @Test func `the same seed draws the same`() {
        var (one, other) = (SeededRandom(seed: 9), SeededRandom(seed: 9))
        for _ in 0..<100 {
            let (left, right) = (one.next(), other.next())
            #expect(left == right)
        }
    }
}
