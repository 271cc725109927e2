/// One field of an expression: its name, its numbers, and the words that stand for some of them.
struct CronField: Sendable {
    let name: String
    let range: ClosedRange<Int>
    /// The first stands for the lower bound.
    var words: [String] = []

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let weekday = CronField(
        name: "day of week", range: 0...7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// `*`, `5`, `1-5`, `*/10`, `mon-fri`, `1,15,20-30/2`.
    func values(of text: String) throws -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try self.part(part, of: text))
        }
        return values
    }

    private func part(_ part: Substring, of text: String) throws -> [Int] {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = pieces.first, pieces.count <= 2 else { throw refusal(of: text) }
        let bounds = try self.bounds(first, of: text)
        guard pieces.count == 2 else { return Array(bounds) }
        // A step needs something to step through: 5/10 is no range.
        guard let step = Int(pieces[1]), step > 0, first == "*" || first.contains("-") else { throw refusal(of: text) }
        return Array(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
    }

    private func bounds(_ text: Substring, of whole: String) throws -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = try text.split(separator: "-", omittingEmptySubsequences: false).map { try number($0, of: whole) }
        switch ends.count {
        case 1: return ends[0]...ends[0]
        case 2 where ends[0] <= ends[1]: return ends[0]...ends[1]
        default: throw refusal(of: whole)
        }
    }

    private func number(_ text: Substring, of whole: String) throws -> Int {
        if let place = words.firstIndex(of: text.lowercased()) { return range.lowerBound + place }
        guard let number = Int(text), text.allSatisfy(\.isNumber), range.contains(number) else {
            throw refusal(of: whole)
        }
        return number
    }

    private func refusal(of text: String) -> ScheduleError {
        ScheduleError("expected a \(name) from \(range.lowerBound) to \(range.upperBound), found \"\(text)\"")
    }
}
