import Artifacts
import Dispatch
import Spreadsheet
import Synchronization

/// The pages that an export has fetched, on the disk until it ends: whoever continues it does not fetch them again.
///
/// Each execution of the job has a file of its own, named by its fence, and reads those of earlier ones; an execution
/// that lost the job without knowing it writes where nobody looks any more. A page is in the file before anybody uses
/// it, and on the disk with the `window` of pages it came with. A journal that is full, or whose disk is, takes no more
/// pages, and that is all: those are fetched again.
package actor PageJournal {
    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let directory: String
    private let fence: Int64
    private let bytesMax: Int
    private let window: Int

    private var pages: [Int: JournalFile.Place] = [:]
    private var file: JournalFile?
    private var fileBytes = 0
    private var isTaking = true
    private var unsynchronized = 0
    private var isNameDurable = false
    /// Octets of all its files; read by whoever shows them.
    private let octets = Mutex(0)

    /// - Parameters:
    ///   - directory: The export's own; it is made with the first page.
    ///   - bytesMax: Octets of all pages kept, packed; 0 keeps none.
    ///   - window: Pages that are made durable together.
    package init(directory: String, fence: Int64, bytesMax: Int, window: Int) {
        executor = BlockingExecutor(label: "export.journal")
        self.directory = directory
        self.fence = fence
        self.bytesMax = bytesMax
        self.window = window
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
        if isRescued, bytesMax > 0 { _ = try? writable() }
        return last
    }

    /// A page that is there; nil if it has to be fetched.
    func page(_ number: Int) -> [UInt8]? {
        guard let place = pages[number] else { return nil }
        if let octets = place.file.page(at: place) { return octets }
        pages[number] = nil
        return nil
    }

    /// Where a page is, for those who read it later.
    func place(_ number: Int) -> JournalFile.Place? { pages[number] }

    /// Whether there is room; else packing a page is in vain.
    var takesPages: Bool { isTaking && bytes < bytesMax }

    /// Keeps a page.
    func keep(_ page: PackedOctets, number: Int) {
        let needed = page.octets.count + RecordHead.bytes
        guard isTaking, bytes + needed <= bytesMax else { return }
        do throws(FileTree.Failure) {
            let file = try writable()
            pages[number] = try file.write(page, number: number, at: fileBytes)
            fileBytes += needed
            octets.withLock { $0 += needed }
            unsynchronized += 1
            if unsynchronized >= window { synchronize(file) }
        } catch {
            isTaking = false
        }
    }

    private func writable() throws(FileTree.Failure) -> JournalFile {
        if let file { return file }
        try FileTree.makeDirectory(directory)
        let made = try JournalFile(making: "\(directory)/\(Self.fileName(fence))")
        file = made
        return made
    }

    /// Beside the crawl: nobody waits for the disk to turn, and pages that come meanwhile go with the next window.
    private func synchronize(_ file: JournalFile) {
        unsynchronized = 0
        let newDirectory = isNameDurable ? nil : directory
        isNameDurable = true
        DispatchQueue.global().async {
            try? file.synchronize()
            if let newDirectory { try? FileTree.synchronize(newDirectory) }
        }
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
