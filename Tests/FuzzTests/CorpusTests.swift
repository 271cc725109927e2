import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Every input of the corpus, and those that once broke something, keep the properties of their target.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.all)
    func everyInputKeepsItsTargetsProperties(_ target: FuzzTarget) throws {
        let folder = "\(packageDirectory())/Tests/FuzzTests/Corpus/\(target.name)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let octets = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            #expect(throws: Never.self, "\(target.name)/\(name)") { try target.check(Array(octets)) }
        }
    }

    @Test func everyFolderOfTheCorpusIsOfATarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: "\(packageDirectory())/Tests/FuzzTests/Corpus")
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    /// A target is known by its name.
    public var testDescription: String { name }
}
