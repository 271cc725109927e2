import XAPI

/// What an item costs that the API brings, by the endpoint that brings it.
package struct CallPrices: Hashable, Sendable {
    /// What endpoints are called in the setting, with the price X asked of those who pay by use in 2026, in dollars.
    package static let words: [(word: String, price: Cost)] = [
        ("user", Cost(millionths: 10_000)), ("posts", Cost(millionths: 5_000)), ("search", Cost(millionths: 5_000)),
        ("followers", Cost(millionths: 10_000)), ("following", Cost(millionths: 10_000)),
    ]

    private var prices: [String: Cost]

    package init() { prices = Dictionary(uniqueKeysWithValues: Self.words.map { ($0.word, $0.price) }) }

    /// Reads `user=0.01,posts=0.005`; endpoints that are not named cost what they cost by default. Nil for anything else.
    package init?(parsing text: String) {
        self.init()
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard parts.count == 2, prices[parts[0]] != nil, let price = Double(parts[1]).flatMap({ Cost($0) })
            else { return nil }
            prices[parts[0]] = price
        }
    }

    /// As it would be read back.
    package var text: String {
        Self.words.map { "\($0.word)=\((prices[$0.word] ?? $0.price).text)" }.joined(separator: ",")
    }

    func price(of endpoint: XRequest.Endpoint) -> Cost {
        let word =
            switch endpoint {
            case .user: "user"
            case .posts: "posts"
            case .search: "search"
            case .followers: "followers"
            case .following: "following"
            }
        return prices[word] ?? .zero
    }
}
