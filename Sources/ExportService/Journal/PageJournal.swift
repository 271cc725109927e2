import Artifacts
package import Spreadsheet
import Synchronization

/// The pages that an export has fetched, on the disk until it ends: whoever continues it does not fetch them again.
///
/// Each execution of the job has a file of its own, named by its fence, and reads those of earlier ones; an execution
/// that lost the job without knowing it writes where nobody looks any more. A page is in the file before anybody uses
/// it, and brought to the disk with the `window` of pages it came with, by whoever runs `synchronizing(while:)`. A
/// journal that is full takes no more pages, and one whose disk fails ends: pages that may not be on the disk are not
/// believed by those who come later. That is all; such pages are fetched again.
package actor PageJournal {
    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let directory: String
    private let fence: Int64
    private let bytesMax: Int
    private let window: Int
    private let disk: JournalDiskThread
    private let failed: @Sendable (any Error) -> Void

    private var pages: [Int: JournalFile.Place] = [:]
    private var file: JournalFile?
    private var fileBytes = 0
    /// Octets of the file that the disk has.
    private var durableBytes = 0
    private var isTaking = true
    private var unsynchronized = 0
    private var isNameDurable = false
    /// Octets of all its files; read by whoever shows them.
    private let octets = Mutex(0)
    /// A window is complete; those that come while the disk turns are one.
    private let windows = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - directory: The export's own; it is made with the first page.
    ///   - bytesMax: Octets of all pages kept, packed; 0 keeps none.
    ///   - window: Pages that are made durable together.
    ///   - failed: Told once, of what ended the journal.
    package init(
        directory: String, fence: Int64, bytesMax: Int, window: Int, disk: JournalDisk = JournalDisk(),
        failed: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        executor = BlockingExecutor(name: "journal")
        self.directory = directory
        self.fence = fence
        self.bytesMax = bytesMax
        self.window = window
        self.disk = JournalDiskThread(disk)
        self.failed = failed
    }

    package nonisolated var bytes: Int { octets.withLock { $0 } }

    /// Finds the pages of earlier executions.
    ///
    /// - Parameter isRescued: A process died under the last one: this one leaves a mark, so that the next knows whether
    ///   anything was fetched in between.
    /// - Returns: How many pages the execution before this one has brought.
    package func open(isRescued: Bool) -> Int {
        var last = 0
        for name in FileTree.names(in: directory) {
            guard let number = Self.fence(ofFile: name), number < fence,
                let earlier = try? JournalFile(reading: "\(directory)/\(name)")
            else { continue }
            last = 0
            earlier.forEachPage { place in
                pages[place.head.page] = place
                last += 1
            }
            octets.withLock { $0 += earlier.count }
        }
        if isRescued, bytesMax > 0 {
            do throws(FileTree.Failure) { _ = try writable() } catch { end(error) }
        }
        return last
    }

    /// A page that is there; nil if it has to be fetched.
    package func page(_ number: Int) -> [UInt8]? {
        guard let place = pages[number] else { return nil }
        if let octets = place.file.page(at: place) { return octets }
        pages[number] = nil
        return nil
    }

    /// Whether a page is one that an earlier execution has fetched.
    func isInherited(_ number: Int) -> Bool { pages[number].map { $0.file !== file } ?? false }

    /// Forgets all pages, this execution's and those of earlier ones. Where that fails no more pages are taken: those of a new
    /// crawl and of an old one do not go together.
    func forget() {
        for name in FileTree.names(in: directory) where Self.fence(ofFile: name).map({ $0 <= fence }) ?? false {
            FileTree.remove("\(directory)/\(name)")
            isTaking = isTaking && FileTree.size("\(directory)/\(name)") == nil
        }
        pages = [:]
        file = nil
        (fileBytes, durableBytes, unsynchronized, isNameDurable) = (0, 0, 0, false)
        octets.withLock { $0 = 0 }
    }

    /// Where a page is, for those who read it later.
    func place(_ number: Int) -> JournalFile.Place? { pages[number] }

    /// Whether there is room; else packing a page is in vain.
    package var takesPages: Bool { isTaking && bytes < bytesMax }

    /// Keeps a page.
    package func keep(_ page: PackedOctets, number: Int) {
        let needed = page.octets.count + RecordHead.bytes
        guard isTaking, bytes + needed <= bytesMax else { return }
        do throws(FileTree.Failure) {
            let file = try writable()
            pages[number] = try file.write(page, number: number, at: fileBytes)
            fileBytes += needed
            octets.withLock { $0 += needed }
            unsynchronized += 1
        } catch {
            return end(error)
        }
        guard unsynchronized >= window else { return }
        unsynchronized = 0
        windows.continuation.yield()
    }

    /// Runs `body`, and beside it brings window after window to the disk; nothing of that is under way afterwards.
    ///
    /// Whoever keeps a page waits for no disk: what comes while it turns goes with the next window. The last window is
    /// left to the system unless it is complete.
    package nonisolated func synchronizing<T>(while body: () async throws -> T) async rethrows -> T {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in self.windows.stream { await self.synchronize() }
            }
            defer { windows.continuation.finish() }
            return try await body()
        }
    }

    private func synchronize() async {
        guard isTaking, let file else { return }
        let end = fileBytes
        do {
            try await disk.synchronize(file, newDirectory: isNameDurable ? nil : directory)
            // It may have been forgotten meanwhile.
            guard self.file === file else { return }
            isNameDurable = true
            durableBytes = end
        } catch {
            self.end(error)
        }
    }

    /// Takes no more pages, and gives up those that may not be on the disk.
    private func end(_ error: any Error) {
        // Both a page and a window may fail while the other is waited for.
        guard isTaking else { return }
        isTaking = false
        if let file {
            let durable = durableBytes
            pages = pages.filter { $0.value.file !== file || $0.value.offset < durable }
            file.strike(at: durable)
        }
        failed(error)
    }

    private func writable() throws(FileTree.Failure) -> JournalFile {
        if let file { return file }
        try FileTree.makeDirectory(directory)
        let made = try JournalFile(making: "\(directory)/\(Self.fileName(fence))")
        file = made
        return made
    }

    /// Twenty digits, so that names are in the order of fences.
    private static func fileName(_ fence: Int64) -> String {
        let digits = String(fence)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".pages"
    }

    private static func fence(ofFile name: String) -> Int64? {
        name.hasSuffix(".pages") ? Int64(name.dropLast(6)) : nil
    }
}
