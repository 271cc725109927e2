/// Why an operation on the store did not happen.
package struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller can do about it; see each case.
    package enum Kind: Hashable, Sendable {
        /// Another process or connection holds the store. Try later, or stop the other one.
        case busy
        /// More operations wait than the setting allows. Shed load and try later.
        case overloaded
        /// New work is refused because the disk is nearly full.
        case nearlyFull
        /// No space is left; nothing of the operation remains.
        case full
        /// A rule of the schema was broken.
        case constraint(Constraint)
        /// The disk failed. After this on a commit the outcome is unknown and the store stops acknowledging.
        case io
        /// The file is damaged, or not a store at all.
        case corrupt
        /// The store has been closed.
        case closed
        /// A newer program has written this store.
        case newerStore
        /// An older program has written this store, and nobody has migrated it since.
        case olderStore
        /// A neighbour in the same commit broke the transaction twice; nothing of the operation remains.
        case rolledBack
        /// Another writer was in the way, as in a deadlock; nothing of the operation remains. Run it again.
        case conflict
        /// The server cannot be reached, or not in time; nothing of the operation remains. Try later.
        case unreachable
        /// The server vanished while it committed: the operation has happened or not, and nobody can tell which.
        case outcomeUnknown
        /// A column does not hold what the program expects.
        case decoding
        /// A defect in the program: bad statement, wrong number of values, statement outside its transaction.
        case misuse
    }

    /// Which rule of the schema.
    package enum Constraint: Hashable, Sendable {
        case unique
        case foreignKey
        case notNull
        case check
        case other
    }

    package let kind: Kind
    /// Lower-case sentence: what was expected, what was found. Holds no bound values.
    package let message: String
    /// The engine's own code, for whoever looks it up in the engine's manual.
    package let engineCode: Int?

    package init(_ kind: Kind, _ message: String, engineCode: Int? = nil) {
        self.kind = kind
        self.message = message
        self.engineCode = engineCode
    }

    /// A failure ended the transaction under an operation that has not noticed it.
    package static let transactionGone = DatabaseError(
        .rolledBack, "expected an open transaction after the operation, found none")

    package var description: String {
        guard let engineCode else { return message }
        return "\(message) (code \(engineCode))"
    }
}
