import TestSupport

/// One generator for everything in a simulation, which runs on one thread.
final class Chance: @unchecked Sendable {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func happens(percent: Int) -> Bool { generator.chance(percent: percent) }
}
