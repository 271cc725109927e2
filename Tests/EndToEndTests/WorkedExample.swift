import Foundation
import TestSupport

/// "Your own service" of `protocol/rest/README.md`, as its reader would type it.
struct WorkedExample {
    /// The program, the façade document and what is typed into the shell.
    let program: String
    let facade: String
    let shell: [String]

    init() throws {
        let text = try String(
            contentsOfFile: packageDirectory() + "/protocol/rest/README.md", encoding: .utf8)
        guard let start = text.range(of: "\n## Your own service") else { throw Missing(what: "the section") }
        let rest = text[start.upperBound...]
        let section = rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
        program = try Self.block("python", in: section)
        facade = try Self.block("yaml", in: section)
        shell = try Self.block("sh", in: section).split(separator: "\n").map(String.init)
    }

    /// The words of the one line that begins so, its comment apart.
    func line(_ beginning: String) throws -> (words: [String], comment: String) {
        guard let line = shell.first(where: { $0.hasPrefix(beginning) }) else { throw Missing(what: beginning) }
        let parts = line.split(separator: "#", maxSplits: 1)
        return (
            parts[0].split(separator: " ").map(String.init),
            parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        )
    }

    private static func block(_ language: String, in text: Substring) throws -> String {
        guard let start = text.range(of: "```\(language)\n"),
            let end = text[start.upperBound...].range(of: "\n```")
        else { throw Missing(what: "a block of \(language)") }
        return String(text[start.upperBound..<end.lowerBound]) + "\n"
    }

    struct Missing: Error { let what: String }
}
