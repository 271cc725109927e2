/// The ids that callers see: a word, a dash, hexadecimal digits.
enum PublicName {
    /// A new one, of 48 random bits: tasks and executions are found by it, so it tells nobody how many there are.
    static func make(_ word: String) -> String {
        let digits = String(UInt64.random(in: 0..<1 << 48), radix: 16)
        return "\(word)-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// A result's: of its number, by which it is found.
    static func result(_ id: ResultID) -> String {
        let digits = String(id.rawValue, radix: 16)
        return "result-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

/// A result's number: its task's in the upper half, its place in the task, counted from 0, in the lower one. So a task's
/// results are a range, and a page of them is a smaller one.
struct ResultID: Hashable, Comparable, Sendable {
    /// Numbers that belong to a task.
    static let perTask: Int64 = 1 << 32

    let rawValue: Int64

    init(rawValue: Int64) { self.rawValue = rawValue }
    init(task: Int64, place: Int) { rawValue = task << 32 | Int64(place) }

    /// All that a task can have.
    static func range(of task: Int64) -> Range<Int64> { task << 32..<(task + 1) << 32 }

    static func < (lhs: ResultID, rhs: ResultID) -> Bool { lhs.rawValue < rhs.rawValue }
}
