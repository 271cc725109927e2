import Foundation
import JSONBytes
import ProtocolDocuments
import Testing

/// The specification's table of methods, held against the services' descriptions; those are held against what is served
/// by each service's own tests.
@Suite struct MethodsReadmeTests {
    private static let methods: [String] = [
        ProtocolDocuments.demoMethods, ProtocolDocuments.exportMethods, ProtocolDocuments.scrapeMethods,
    ].flatMap { document in
        (try? JSONValue(parsing: document))?["methods"]?.elements?.compactMap { $0["name"]?.string } ?? []
    }

    /// `export.job.*`, `subtract`: what stands in the first column, `SERVICE` being any.
    private let families: [Regex<Substring>]
    private let names: [String]

    init() throws {
        let text = try String(contentsOfFile: "\(VectorFile.directory)/../README.md", encoding: .utf8)
        let section = try #require(text.components(separatedBy: "3.1 **Methods of services.**").dropFirst().first)
        let table = section.prefix(upTo: section.range(of: "\n## ")?.lowerBound ?? section.endIndex)
        let cells = table.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap {
            $0.split(separator: "|").first
        }
        names = cells.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } }
        families = try names.map { name in
            let pattern = name.replacing(".", with: #"\."#).replacing("SERVICE", with: "[a-z]+").replacing(
                "*", with: ".+")
            return try Regex(pattern, as: Substring.self)
        }
    }

    @Test(arguments: methods)
    func `every method belongs to a family that the specification names`(_ method: String) {
        #expect(families.contains { method.wholeMatch(of: $0) != nil }, "protocol/README.md, 3.1: \(method) is missing")
    }

    @Test func `every family has a method`() {
        #expect(Self.methods.count > 50 && names.count > 15)
        for (name, family) in zip(names, families) {
            #expect(Self.methods.contains { $0.wholeMatch(of: family) != nil }, "there is no \(name)")
        }
    }
}
