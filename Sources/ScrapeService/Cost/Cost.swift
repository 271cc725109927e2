/// An amount of the operator's currency, in millionths: sums are exact.
package struct Cost: Hashable, Comparable, Sendable {
    package static let zero = Cost(millionths: 0)
    /// The most that can be written down: a billion, so that no sum of a day overflows.
    package static let most = Cost(millionths: 1_000_000_000_000_000)

    package let millionths: Int64

    package init(millionths: Int64) { self.millionths = millionths }

    /// The nearest amount; nil below zero, or beyond the most.
    package init?(_ number: Double) {
        guard number >= 0, number <= Double(Self.most.millionths) / 1_000_000 else { return nil }
        millionths = Int64((number * 1_000_000).rounded())
    }

    /// As a JSON number, without zeros at the end: `0.25`.
    package var text: String {
        let (whole, rest) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
        guard rest != 0 else { return String(whole) }
        let digits = String(rest.magnitude)
        let padded = String(repeating: "0", count: 6 - digits.count) + digits
        let fraction = String(padded.reversed().drop { $0 == "0" }.reversed())
        return "\(millionths < 0 && whole == 0 ? "-" : "")\(whole).\(fraction)"
    }

    package static func < (lhs: Cost, rhs: Cost) -> Bool { lhs.millionths < rhs.millionths }
    static func + (lhs: Cost, rhs: Cost) -> Cost { Cost(millionths: lhs.millionths + rhs.millionths) }
    static func - (lhs: Cost, rhs: Cost) -> Cost { Cost(millionths: lhs.millionths - rhs.millionths) }

    /// The price of so many items.
    static func * (price: Cost, items: Int) -> Cost { Cost(millionths: price.millionths * Int64(items)) }
}
