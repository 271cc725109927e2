import Foundation
import JSONBytes
import TestSupport
import Testing

/// The cases of `protocol/vectors`, read as they stand; its README says what they mean.
enum VectorFile {
    static let messages = cases(in: "messages")
    static let frames = cases(in: "frames")

    static let directory = "\(packageDirectory())/protocol/vectors"

    /// Every case of a folder, in the order of files and cases. Empty when the folder cannot be read: a test counts.
    private static func cases(in folder: String) -> [VectorCase] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted().flatMap { file -> [VectorCase] in
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(folder)/\(file)"),
                let document = try? JSONValue(parsing: data)
            else { return [] }
            return (document["cases"]?.elements ?? []).map { VectorCase(file: file, json: $0) }
        }
    }
}

/// One case of a file.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let file: String
    let json: JSONValue

    var name: String { json["name"]?.string ?? "a case without a name" }
    var testDescription: String { "\(file): \(name)" }
}

/// A case that cannot be understood, or that the server did not meet.
struct VectorMismatch: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
