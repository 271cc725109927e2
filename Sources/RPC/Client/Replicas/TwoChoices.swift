/// Chooses one of many by the power of two choices (Mitzenmacher 2001): of two drawn at random the less loaded one. Nearly
/// as even as asking all, and many clients with the same view do not all rush to the same replica.
package enum TwoChoices {
    /// How much a replica has to do, as far as this client knows.
    package struct Load: Comparable {
        /// Calls can be sent at once.
        package var isConnected: Bool
        package var calls: Int

        package init(isConnected: Bool, calls: Int) {
            self.isConnected = isConnected
            self.calls = calls
        }

        package static func < (left: Load, right: Load) -> Bool {
            left.isConnected != right.isConnected ? left.isConnected : left.calls < right.calls
        }
    }

    /// The place chosen out of `0..<count`, and the one it was compared with. `count` > 0.
    package static func choose(
        of count: Int, using random: inout some RandomNumberGenerator, load: (Int) -> Load
    ) -> (chosen: Int, other: Int?) {
        if count == 1 { return (0, nil) }
        let one = Int.random(in: 0..<count, using: &random)
        let drawn = Int.random(in: 0..<count - 1, using: &random)
        let other = drawn < one ? drawn : drawn + 1
        return load(other) < load(one) ? (other, one) : (one, other)
    }
}
