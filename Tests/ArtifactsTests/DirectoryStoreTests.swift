import Artifacts
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct DirectoryStoreTests {
    private let directory: TemporaryDirectory
    private let store: DirectoryArtifactStore

    init() throws {
        directory = try TemporaryDirectory()
        store = DirectoryArtifactStore(directory: directory.path("kept"))
    }

    @Test func aFileIsKeptReadInPartsAndRemoved() async throws {
        try await store.prepare()
        #expect(FileTree.names(in: directory.path("kept")).isEmpty)
        let octets = pattern(700_000)
        try await store.publish(file: directory.write(octets, to: "file"), as: "202611/21/a.zip")
        #expect(access(directory.path("file"), F_OK) != 0)
        let artifact = try await store.open("202611/21/a.zip")
        #expect(artifact.size == octets.count)
        #expect(try await ArtifactsTests.octets(of: artifact) == octets)
        #expect(try await ArtifactsTests.octets(of: artifact, 262_143..<262_146) == Array(octets[262_143..<262_146]))
        try await store.remove(["202611/21/a.zip", "202611/21/none.zip"])
        await #expect { try await store.open("202611/21/a.zip") } throws: { ($0 as? ArtifactError)?.kind == .missing }
        #expect(FileTree.names(in: directory.path("kept")).isEmpty)
        #expect(store.link(to: "202611/21/a.zip", called: "a.zip", lasting: .seconds(1)) == nil)
    }

    @Test func namesComeInOrderInBatchesAndUpToABound() async throws {
        let all = ["202611/20/a.zip", "202611/20/b.zip", "202611/21/a.zip", "202612/01/a.zip"]
        for name in all.reversed() { try await store.publish(file: directory.write([1], to: "file"), as: name) }
        try directory.write("not ours", to: "kept/.hidden/file")
        #expect(symlink("/etc/passwd", directory.path("kept/202611/20/link")) == 0)
        #expect(try await names(in: store, batch: 3) == all)
        #expect(try await names(in: store, below: "202611/21") == Array(all.prefix(2)))
        #expect(try await names(in: store, writtenBefore: 1_000) == [])
        let batches = Shared<[Int]>([])
        try await store.forEachBatch(below: "~", writtenBefore: .max, batch: 3) { names in
            batches.change { $0.append(names.count) }
        }
        #expect(batches.value == [3, 1])
    }

    /// `/dev/shm` is another file system than the one of temporary files.
    @Test func aFileOfAnotherFileSystemIsBroughtOverBeforeItIsSeen() async throws {
        let source = "/dev/shm/pailou-test-\(UUID().uuidString)"
        let octets = pattern(3 << 20)
        try Data(octets).write(to: URL(fileURLWithPath: source))
        defer { unlink(source) }
        try await store.publish(file: source, as: "202611/21/a.zip")
        #expect(access(source, F_OK) != 0)
        #expect(try await ArtifactsTests.octets(of: store.open("202611/21/a.zip")) == octets)
        #expect(FileTree.names(in: directory.path("kept/.incoming")).isEmpty)
        #expect(try await names(in: store) == ["202611/21/a.zip"])
    }

    @Test func halfWrittenFilesOfTheLivingStay() async throws {
        let now = Int(time(nil))
        let dead = try directory.write("half", to: "kept/.incoming/dead")
        let living = try directory.write("half", to: "kept/.incoming/living")
        let old = timeval(tv_sec: now - 10_000, tv_usec: 0)
        try #require(utimes(dead, [old, old]) == 0)
        #expect(try await store.removeUnfinished(begunBefore: now - 5_000) == 1)
        #expect(access(dead, F_OK) != 0 && access(living, F_OK) == 0)
        #expect(try await names(in: store) == [])
    }

    @Test func twoStoresOfOneDirectoryDoNotDisturbEachOther() async throws {
        let other = DirectoryArtifactStore(directory: directory.path("kept"))
        let (directory, store) = (directory, store)
        // One publishes into folders which the other empties, and so removes, all the time.
        try await withThrowingDiscardingTaskGroup { group in
            for (index, store) in [store, other].enumerated() {
                group.addTask {
                    for round in 0..<200 {
                        let name = "202611/21/\(index)-\(round).zip"
                        let file = directory.path("file-\(index)")
                        try Data(repeating: UInt8(round), count: 10).write(to: URL(fileURLWithPath: file))
                        try await store.publish(file: file, as: name)
                        #expect(try await store.open(name).size == 10)
                        _ = try await store.removeUnfinished(begunBefore: Int(time(nil)) - 60)
                        try await store.remove([name])
                    }
                }
            }
        }
        #expect(FileTree.names(in: directory.path("kept")).isEmpty)
    }

    @Test func aDirectoryThatCannotBeUsedIsRefusedAtOnce() async throws {
        try directory.write("in the way", to: "kept")
        await #expect { try await store.prepare() } throws: { error in
            (error as? ArtifactError)?.kind == .refused && "\(error)".contains(directory.path("kept"))
        }
    }
}
