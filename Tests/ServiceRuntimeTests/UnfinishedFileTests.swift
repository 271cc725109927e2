import Foundation
import ServiceRuntime
import TestSupport
import Testing

@Suite struct UnfinishedFileTests {
    // 1   opens, locks, writes, renames ── closes
    // 2        opens the same file            locks it: it has another name now, and is left alone
    @Test func whatIsInItsPlaceIsWholeWhoeverElseWantsToReplaceIt() async throws {
        let directory = try TemporaryDirectory()
        let place = directory.path("file")
        let whole = Data(repeating: 7, count: 4_096)
        let published = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while published.value < 100 {
                        guard let file = try? UnfinishedFile(for: place) else { continue }
                        try file.handle.write(contentsOf: whole)
                        let count = try file.publish()
                        #expect(count == whole.count)
                        published.change { $0 += 1 }
                    }
                }
            }
            group.addTask {
                try await eventually(within: .seconds(60), "the end") {
                    if let found = FileManager.default.contents(atPath: place) { #expect(found == whole) }
                    return published.value >= 100
                }
            }
            try await group.waitForAll()
        }
        #expect(FileManager.default.contents(atPath: place) == whole)
    }

    @Test func aFileThatIsBeingWrittenIsRefused() throws {
        let directory = try TemporaryDirectory()
        let first = try UnfinishedFile(for: directory.path("file"))
        let error = #expect(throws: FileError.self) { try UnfinishedFile(for: directory.path("file")) }
        #expect("\(error, default: "none")".contains("locked for this program alone"))
        _ = try first.publish()
    }
}
