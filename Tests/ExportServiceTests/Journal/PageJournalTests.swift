import Artifacts
import ExportService
import Spreadsheet
import TestSupport
import Testing

/// What is kept of fetched pages, and what is believed of it later.
@Suite struct PageJournalTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("journals/7-export") }

    init() throws { directory = try TemporaryDirectory() }

    /// Counts what reaches the disk, which fails from a given time on.
    private final class Disk: Sendable {
        let begun = Shared(0)
        let ended = Shared(0)

        func journal(failingFrom time: Int = .max) -> JournalDisk {
            var disk = JournalDisk()
            let real = disk.synchronize
            disk.synchronize = { [begun, ended] file, directory in
                let count = begun.change { begun in
                    begun += 1
                    return begun
                }
                defer { ended.change { $0 += 1 } }
                guard count < time else { throw Unexpected("cannot synchronize: input/output error") }
                try real(file, directory)
            }
            return disk
        }
    }

    private func journal(
        fence: Int64 = 1, disk: JournalDisk = JournalDisk(), failed: @escaping @Sendable (any Error) -> Void = { _ in }
    ) -> PageJournal {
        PageJournal(directory: path, fence: fence, bytesMax: 1 << 20, window: 2, disk: disk, failed: failed)
    }

    private func keep(_ pages: ClosedRange<Int>, in journal: PageJournal) async throws {
        for page in pages { await journal.keep(try PackedOctets(Array("page \(page)".utf8)), number: page) }
    }

    private func pages(of journal: PageJournal) async -> [Int] {
        var found: [Int] = []
        for page in 1...9 {
            guard let octets = await journal.page(page) else { continue }
            #expect(String(decoding: octets, as: UTF8.self) == "page \(page)")
            found.append(page)
        }
        return found
    }

    @Test func aWindowIsOnTheDiskAndNothingIsUnderWayAfterwards() async throws {
        let disk = Disk()
        let journal = journal(disk: disk.journal())
        try await journal.synchronizing {
            try await keep(1...5, in: journal)
            try await eventually("a window on the disk") { disk.ended.value > 0 }
        }
        let begun = disk.begun.value
        #expect(begun == disk.ended.value && (1...2).contains(begun))
        let next = self.journal(fence: 2)
        #expect(await next.open(isRescued: false) == 5)
        #expect(await pages(of: next) == [1, 2, 3, 4, 5])
    }

    // pages   1 2 ── on the disk   3 4 ── the disk fails   5: not kept
    // later   1 2
    @Test func pagesOfAWindowThatFailedAreNotBelieved() async throws {
        let disk = Disk()
        let told = Shared<[String]>([])
        let journal = journal(disk: disk.journal(failingFrom: 2)) { error in told.change { $0.append("\(error)") } }
        try await journal.synchronizing {
            try await keep(1...2, in: journal)
            try await eventually("the first window") { disk.ended.value == 1 }
            #expect(await journal.takesPages)
            try await keep(3...4, in: journal)
            try await eventually("the journal to end") { await !journal.takesPages }
            try await keep(5...8, in: journal)
        }
        #expect(told.value == ["cannot synchronize: input/output error"])
        #expect(disk.begun.value == 2)
        #expect(await pages(of: journal) == [1, 2])
        let next = self.journal(fence: 2)
        #expect(await next.open(isRescued: true) == 2)
        #expect(await pages(of: next) == [1, 2])
    }

    @Test func anExecutionThatIsStoppedLeavesItsPages() async throws {
        let told = Shared<[String]>([])
        let journal = journal { error in told.change { $0.append("\(error)") } }
        let stopped = Task {
            try await journal.synchronizing {
                withUnsafeCurrentTask { $0?.cancel() }
                try await keep(1...4, in: journal)
            }
        }
        try await stopped.value
        #expect(told.value.isEmpty)
        #expect(await self.journal(fence: 2).open(isRescued: false) == 4)
    }

    @Test func aJournalThatCannotBeMadeIsToldOnce() async throws {
        try directory.write("in the way", to: "journals")
        let told = Shared<[String]>([])
        let journal = journal { error in told.change { $0.append("\(error)") } }
        try await journal.synchronizing { try await keep(1...9, in: journal) }
        #expect(told.value.count == 1 && told.value[0].contains("not a directory"), "\(told.value)")
        #expect(await !journal.takesPages)
    }
}
