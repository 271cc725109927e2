/// A statement with `$1`, `$2`, … and what is bound to them. Its text never contains a value.
package struct PostgreSQLStatement: Sendable {
    package let text: String
    package let parameters: [PostgreSQLValue]

    package init(_ text: String, _ parameters: [PostgreSQLValue] = []) {
        self.text = text
        self.parameters = parameters
    }

    /// What the server prepares once: NULL leaves the type open, so the same text may be prepared more than once.
    var key: PreparedStatements.Key {
        PreparedStatements.Key(text: text, types: parameters.map(\.parameterType))
    }
}

/// Which statements a connection has prepared, and under what names.
///
/// Invariant: at most `capacity` names are in use; the one not used for longest goes first.
struct PreparedStatements {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    /// What to do before a statement can be run.
    enum Step: Equatable {
        case ready(String)
        /// Prepare it under this name; before that, deallocate the other.
        case prepare(String, deallocate: String?)
    }

    private let capacity: Int
    private var entries: [Key: (name: String, usedAt: Int)] = [:]
    private var uses = 0
    private var named = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Notes a use and says what the connection has to do first.
    mutating func use(_ key: Key) -> Step {
        uses += 1
        if let entry = entries[key] {
            entries[key] = (entry.name, uses)
            return .ready(entry.name)
        }
        named += 1
        let name = "s\(named)"
        let evicted = entries.count >= capacity ? evictOldest() : nil
        entries[key] = (name, uses)
        return .prepare(name, deallocate: evicted)
    }

    /// The server did not take it after all.
    mutating func forget(_ key: Key) { entries[key] = nil }

    private mutating func evictOldest() -> String? {
        guard let oldest = entries.min(by: { $0.value.usedAt < $1.value.usedAt }) else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }
}
