/// Why a façade's document cannot be served: every problem found in it, in the order of its lines.
package struct FacadeError: Error, CustomStringConvertible, Equatable {
    /// One thing that is wrong, and where.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file as it was named to the compiler.
        package let file: String
        /// Counted from 1.
        package let line: Int
        /// What was expected and what was found, a lower-case sentence.
        package let reason: String

        package init(file: String, line: Int, reason: String) {
            self.file = file
            self.line = line
            self.reason = reason
        }

        package var description: String { "\(file):\(line): \(reason)" }
    }

    /// Never empty.
    package let problems: [Problem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// The problems of one compilation; compiling goes on after each, so that a user sees all of them at once.
final class FacadeProblems {
    private let file: String
    private var found: Set<FacadeError.Problem> = []

    init(file: String) {
        self.file = file
    }

    /// Notes a problem; the same one at the same line counts once (a façade's templates are compiled per operation).
    func report(_ line: Int, _ reason: String) {
        found.insert(FacadeError.Problem(file: file, line: line, reason: reason))
    }

    /// The error to throw, if anything was reported.
    var error: FacadeError? {
        if found.isEmpty { return nil }
        return FacadeError(problems: found.sorted { ($0.line, $0.reason) < ($1.line, $1.reason) })
    }
}
