import ArgumentParser

/// What a process does. `all` is everything but `demo`, which answers examples and load tests.
enum Role: String, CaseIterable, ExpressibleByArgument, Sendable {
    case all
    case gateway
    case export
    case scrape
    case demo

    /// The roles meant by the words of a command line.
    static func resolve(_ words: [Role]) -> Set<Role> {
        var roles = Set(words.isEmpty ? [.all] : words)
        if roles.remove(.all) != nil { roles.formUnion([.gateway, .export, .scrape]) }
        return roles
    }
}
