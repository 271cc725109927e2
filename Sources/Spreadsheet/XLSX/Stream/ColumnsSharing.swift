/// What is done with the texts of each column, by what became of those before.
struct ColumnsSharing: ~Copyable {
    enum Plan: UInt8 {
        /// Looked for among the shared ones, and shared.
        case look
        /// Shared without looking: next to all of the column's texts are new.
        case append
        /// Left in their cells.
        case leave
    }

    private struct Column {
        var plan = Plan.look
        /// Texts since the plan was made.
        var texts: UInt32 = 0
        /// Those of them that were shared already.
        var known: UInt32 = 0
        /// How many of them there are before the next decision.
        var period = ColumnsSharing.firstPeriod
    }

    /// Texts before the first decision, and between later ones.
    private static let firstPeriod: UInt32 = 1_024
    private static let period: UInt32 = 8_192
    /// Texts that are shared without looking before the column is looked at again.
    private static let blindPeriod = period * 7
    /// A column of whose texts less than one in so many were known is taken for one of unique texts; of the first ones, of
    /// which fewer can be known, less than one in so many.
    private static let uniqueShare: UInt32 = 32
    private static let firstUniqueShare: UInt32 = 256

    private let columns: UnsafeMutablePointer<Column>

    init(columns count: Int) {
        columns = .allocate(capacity: max(1, count))
        columns.initialize(repeating: Column(), count: count)
    }

    deinit { columns.deallocate() }

    @inline(__always)
    func plan(_ column: Int) -> Plan { columns[column].plan }

    /// Counts a text that was looked for; answers whether a decision is due.
    @inline(__always)
    mutating func note(isKnown: Bool, _ column: Int) -> Bool {
        columns[column].texts &+= 1
        if isKnown { columns[column].known &+= 1 }
        return columns[column].texts >= columns[column].period
    }

    /// Counts a text that was shared without looking.
    @inline(__always)
    mutating func noteAppended(_ column: Int) {
        columns[column].texts &+= 1
        if columns[column].texts >= Self.blindPeriod { columns[column] = Column(period: Self.period) }
    }

    /// - Parameters:
    ///   - isFull: there is no room for new texts: a column most of which are new is left alone.
    ///   - onlyRepeated: unique texts are not to be shared.
    mutating func decide(_ column: Int, isFull: Bool, onlyRepeated: Bool) {
        let found = columns[column]
        columns[column] = Column(period: Self.period)
        let uniqueShare = found.period == Self.firstPeriod ? Self.firstUniqueShare : Self.uniqueShare
        if isFull {
            if found.known < found.texts / 2 { columns[column].plan = .leave }
        } else if found.known < found.texts / uniqueShare {
            columns[column].plan = onlyRepeated ? .leave : .append
        }
    }
}
