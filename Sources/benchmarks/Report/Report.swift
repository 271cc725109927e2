import Foundation

/// What is missing, and what would make it possible.
typealias Absence = (what: String, remedy: String)

/// Prints what was measured, one line a figure.
enum Report {
    static func begin(_ title: String) {
        say("\(title)\n  machine: \(Machine.description)")
    }

    static func line(_ text: String) {
        say("  \(text)")
    }

    /// Writes at once: `print` keeps lines back while standard output is a pipe, and some measurements take minutes.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A ratio with what it is expected to be.
    static func ratio(_ name: String, _ value: Double, expected: String) {
        line("\(name): \(number(value, digits: 2)) (expected \(expected))")
    }

    static func number(_ value: Double, digits: Int = 0) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// Something that could not be measured.
    static func absent(_ absence: Absence) {
        line("not measured: \(absence.what); \(absence.remedy)")
    }
}

/// Why a benchmark could not go on.
struct BenchmarkError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
