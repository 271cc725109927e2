import Artifacts
import Glibc
import Spreadsheet

/// A file of fetched pages, one record behind the other: a head of fixed length, then the packed page.
///
/// Written by one execution of a job only and never changed: a later execution reads it as far as it is whole.
/// Everything here blocks.
package final class JournalFile: Sendable {
    /// Where a page is.
    struct Place: Sendable {
        let file: JournalFile
        /// Of the packed octets.
        let offset: Int
        let head: RecordHead
    }

    let path: String
    private let descriptor: Int32

    /// Makes a file that is not there yet.
    init(making path: String) throws(FileTree.Failure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileTree.failure("create", path) }
        self.path = path
    }

    /// Opens what another execution has written.
    init(reading path: String) throws(FileTree.Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileTree.failure("open", path) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Octets in the file.
    var count: Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// Writes a page at the end, which the caller knows.
    func write(_ page: PackedOctets, number: Int, at offset: Int) throws(FileTree.Failure) -> Place {
        let head = RecordHead(page: number, packedCount: page.octets.count, count: page.count, checksum: page.checksum)
        try write(head.octets, at: offset)
        try write(page.octets, at: offset + RecordHead.bytes)
        return Place(file: self, offset: offset + RecordHead.bytes, head: head)
    }

    /// Makes what was written survive a power cut.
    func synchronize() throws(FileTree.Failure) {
        guard fdatasync(descriptor) == 0 else { throw FileTree.failure("synchronize", path) }
    }

    /// Ends the file at a head for all who open it later; whoever has places behind it can still read them.
    ///
    /// Tries: a disk that takes nothing more may not take this, and then the checksums have to tell.
    func strike(at offset: Int) {
        guard offset < count else { return }
        try? write([UInt8](repeating: 0, count: RecordHead.bytes), at: offset)
    }

    /// Calls `body` with the place of every page that is wholly there.
    func forEachPage(_ body: (Place) -> Void) {
        let end = count
        var offset = 0
        while let octets = read(RecordHead.bytes, at: offset), let head = RecordHead(octets) {
            let next = offset + RecordHead.bytes + head.packedCount
            guard next <= end else { return }
            body(Place(file: self, offset: offset + RecordHead.bytes, head: head))
            offset = next
        }
    }

    /// The page at a place; nil if it is not what was written.
    func page(at place: Place) -> [UInt8]? {
        guard let octets = read(place.head.packedCount, at: place.offset) else { return nil }
        return PackedOctets(octets, count: place.head.count, checksum: place.head.checksum)?.unpacked()
    }

    private func write(_ octets: [UInt8], at offset: Int) throws(FileTree.Failure) {
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + written, $0.count - written, off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileTree.failure("write", path) }
            written += count
        }
    }

    private func read(_ count: Int, at offset: Int) -> [UInt8]? {
        let octets = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
            filled = 0
            while filled < count {
                let count = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                filled += count
            }
        }
        return octets.count == count ? octets : nil
    }
}

/// What stands before a packed page: numbers of 32 bits, little-endian, the last one the checksum of the others.
struct RecordHead: Sendable, Equatable {
    static let bytes = 24
    private static let mark: UInt32 = 0x314A_4750

    var page: Int
    var packedCount: Int
    var count: Int
    var checksum: UInt32

    init(page: Int, packedCount: Int, count: Int, checksum: UInt32) {
        self.page = page
        self.packedCount = packedCount
        self.count = count
        self.checksum = checksum
    }

    /// Nil for octets that are no head: the end of a file whose writer died.
    init?(_ octets: [UInt8]) {
        let words = octets.withUnsafeBytes { bytes in
            stride(from: 0, to: Self.bytes, by: 4).map {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
            }
        }
        guard words[0] == Self.mark, words[5] == PackedOctets.checksum(of: Array(octets.prefix(20))) else { return nil }
        self.init(page: Int(words[1]), packedCount: Int(words[2]), count: Int(words[3]), checksum: words[4])
    }

    var octets: [UInt8] {
        let words = [Self.mark, UInt32(page), UInt32(packedCount), UInt32(count), checksum]
        let first = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        return first + withUnsafeBytes(of: PackedOctets.checksum(of: first).littleEndian) { Array($0) }
    }
}
