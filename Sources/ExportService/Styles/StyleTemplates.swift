import Artifacts
import Foundation

/// The templates of a directory, one file each, in the order of their names.
package struct StyleTemplates: Sendable {
    /// Files of one directory.
    static let countMax = 1_000
    /// Octets of one file.
    static let bytesMax = 1 << 20

    private let templates: [StyleTemplate]

    /// None: every workbook is plain.
    package init() { templates = [] }

    /// Reads all files of a directory that end in `.yaml`, `.yml` or `.json`; one that is no template is an error.
    package init(directory: String) throws {
        let manager = FileManager.default
        var isDirectory: ObjCBool = false
        guard manager.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue,
            let names = try? manager.contentsOfDirectory(atPath: directory)
        else { throw StyleFault("expected a readable directory, found \"\(directory)\"") }
        let files = names.filter { name in [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } }.sorted()
        guard files.count <= Self.countMax else {
            throw StyleFault("\(directory): expected at most \(Self.countMax) templates, found \(files.count)")
        }
        templates = try files.map { try Self.template("\(directory)/\($0)") }
    }

    /// The first one for a title; nil if none is.
    func template(for title: String) -> StyleTemplate? { templates.first { $0.isFor(title) } }

    private static func template(_ path: String) throws -> StyleTemplate {
        guard let octets = FileManager.default.contents(atPath: path), octets.count <= bytesMax,
            let text = String(data: octets, encoding: .utf8)
        else { throw StyleFault("\(path): expected a readable file in UTF-8 of at most \(bytesMax) octets") }
        return try StyleTemplateReader(file: path).read(text)
    }
}

/// Why a template cannot be used: its file, the line, and what was expected.
struct StyleFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
