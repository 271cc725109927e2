import Foundation
import JSONBytes
import RPC

/// Reads case files: sections that begin with `---- WORD …`, everything before the first is a comment.
struct FacadeCaseParser {
    let directory: URL
    let file: String

    static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../../protocol/vectors/gateway").standardizedFileURL

    /// Every case there is; a file that can not be read fails the suite as a case of its own would.
    static func all() throws -> [FacadeCase] {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return try files.filter { $0.hasSuffix(".case") }.sorted().map { file in
            try FacadeCaseParser(directory: directory, file: file).parse()
        }
    }

    func parse() throws -> FacadeCase {
        let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
        let sections = text.split(separator: "---- ", omittingEmptySubsequences: false).dropFirst()
        var found = FacadeCase(name: file, facade: CaseDocument(file: "", yaml: ""))
        for section in sections {
            let parts = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let words = parts[0].split(separator: " ").map(String.init)
            try read(words, String(parts.dropFirst().first ?? ""), into: &found)
        }
        return found
    }

    private func read(_ words: [String], _ text: String, into found: inout FacadeCase) throws {
        switch words.first {
        case "facade": found.facade = try document(words, text)
        case "limit": found.bodyBytesMax = Int(words.last ?? "")
        case "guard": found.guarding = CaseGuard(lines: text.split(separator: "\n").map(String.init))
        case "request": readRequest(text, into: &found)
        case "call": found.call = (words.last ?? "", text.isBlank ? JSONValue?.none : try json(text))
        case "meta": found.meta = try json(text)
        case "events": found.events = try text.split(separator: "\n").map(event)
        case "result": found.reply = .result(try json(text))
        case "error": found.reply = .error(try json(text))
        case "stream":
            let message = message(text)
            found.reply = .stream(head: message.headers, body: message.body)
        case "answer":
            let message = message(text)
            found.status = Int(words.last ?? "") ?? 0
            (found.answerHeaders, found.answerBody) = (message.headers, message.body)
        default: throw FacadeCaseError(file: file, reason: "unknown section '\(words.joined(separator: " "))'")
        }
    }

    private func event(_ line: Substring) throws -> CaseEvent {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = RPCEvent.Kind(rawValue: parts[0]) else {
            throw FacadeCaseError(file: file, reason: "'\(line)' is no event")
        }
        return CaseEvent(kind: kind, data: try json(parts[1]))
    }

    private func readRequest(_ text: String, into found: inout FacadeCase) {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 1).map(String.init)
        (found.method, found.target) = (words.first ?? "", words.last ?? "")
        let message = message(String(lines.dropFirst().first ?? ""))
        (found.headers, found.body) = (message.headers, message.body)
        if !found.body.isEmpty && found.header("content-type") == nil {
            found.headers.append(("content-type", "application/json"))
        }
        if found.header("x-request-id") == nil { found.headers.append(("x-request-id", "request-1")) }
    }

    /// Header lines up to an empty line, then a body without its last line end.
    private func message(_ text: String) -> (headers: [(String, String)], body: String) {
        var rest = text[...]
        var headers: [(String, String)] = []
        while let end = rest.firstIndex(of: "\n") {
            let line = rest[..<end]
            rest = rest[end...].dropFirst()
            guard let colon = line.firstIndex(of: ":") else { break }
            headers.append((String(line[..<colon]), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)))
        }
        return (headers, rest.hasSuffix("\n") ? String(rest.dropLast()) : String(rest))
    }

    /// `---- facade NAME` is a file of ours or one beside the cases; without a name the document itself follows.
    private func document(_ words: [String], _ text: String) throws -> CaseDocument {
        guard words.count > 1 else { return CaseDocument(file: file, yaml: text) }
        let shipped = directory.appending(path: "../../rest/\(words[1]).yaml").standardizedFileURL
        let beside = directory.appending(path: "facades/\(words[1]).yaml")
        let url = FileManager.default.fileExists(atPath: shipped.path) ? shipped : beside
        return CaseDocument(file: url.lastPathComponent, yaml: try String(contentsOf: url, encoding: .utf8))
    }

    private func json(_ text: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8))
        } catch {
            throw FacadeCaseError(file: file, reason: "\(error) in '\(text)'")
        }
    }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
