/// What holds over the rows of a store, beyond what its schema enforces.
package struct StoreRule: Sendable {
    /// A sentence that is true while the rule holds.
    package let text: String
    /// Answers what breaks the rule: a row for each breach, which its only column names.
    package let breaches: SQL

    package init(_ text: String, breaches: SQL) {
        self.text = text
        self.breaches = breaches
    }
}

/// What a look at a store has found.
package struct StoreReport: Hashable, Sendable {
    /// A rule, of ours or of the engine, that does not hold.
    package struct Finding: Hashable, Sendable {
        package let rule: String
        package let count: Int
        /// The first breaches, by their names.
        package let examples: [String]
    }

    /// The highest number of the migrations applied, per service.
    package let versions: [String: Int]
    package let findings: [Finding]
}

/// Looks at a store without changing it.
package struct StoreCheck: Sendable {
    /// Breaches of one rule that are named.
    static let examplesMax = 5

    private let migrations: [Migration]
    private let rules: [StoreRule]

    /// - Parameter migrations: The schema that the rules are about.
    package init(_ migrations: [Migration], rules: [StoreRule]) {
        self.migrations = migrations
        self.rules = rules
    }

    /// In the one snapshot given. Throws `newerStore` or `olderStore` when the schema is not this program's; the file
    /// itself has been looked at by then.
    package func report(in transaction: any Transaction) throws -> StoreReport {
        var findings = try transaction.dialect == .sqlite ? fileFindings(in: transaction) : []
        // A damaged file may not even have the tables that are asked next.
        guard findings.isEmpty else { return StoreReport(versions: [:], findings: findings) }
        let versions = try SchemaVersions.applied(in: transaction)
        if !rules.isEmpty {
            try requirePresent(versions)
            findings = try rules.compactMap { try finding($0.text, $0.breaches, in: transaction) }
        }
        return StoreReport(versions: versions, findings: findings)
    }

    private func requirePresent(_ versions: [String: Int]) throws {
        let pending = try MigrationPlan(migrations, applied: versions).pending
        guard let first = pending.first else { return }
        throw DatabaseError(
            .olderStore,
            """
            the store has version \(versions[first.service] ?? 0) of \(first.service), this program expects a newer one: \
            migrate it first
            """)
    }

    private func fileFindings(in transaction: any Transaction) throws -> [StoreReport.Finding] {
        let sound = "the file is sound"
        do {
            let said: [String] = try transaction.query("PRAGMA integrity_check(100)").map {
                try $0.get("integrity_check")
            }
            let broken = said.filter { $0 != "ok" }
            if !broken.isEmpty { return [StoreReport.Finding(rule: sound, breaches: broken)] }
        } catch let error as DatabaseError where error.kind == .corrupt {
            return [StoreReport.Finding(rule: sound, breaches: [error.description])]
        }
        let strays = try finding("every reference leads somewhere", "PRAGMA foreign_key_check", in: transaction)
        return [strays].compactMap { $0 }
    }

    private func finding(
        _ rule: String, _ breaches: SQL, in transaction: any Transaction
    ) throws -> StoreReport.Finding? {
        var names: [String] = []
        var count = 0
        try transaction.forEachRow(breaches) { row in
            count += 1
            if count <= Self.examplesMax { names.append(row.values.first?.shown ?? "") }
            return true
        }
        return count == 0 ? nil : StoreReport.Finding(rule: rule, count: count, examples: names)
    }
}

extension StoreReport.Finding {
    fileprivate init(rule: String, breaches: [String]) {
        self.init(rule: rule, count: breaches.count, examples: Array(breaches.prefix(StoreCheck.examplesMax)))
    }
}

extension DatabaseValue {
    /// For a report: ids and names.
    fileprivate var shown: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .text(let text): text
        default: kind
        }
    }
}
