package import Foundation
import Glibc

/// A file that appears when it is whole and on the disk, and not before.
///
/// It grows beside its place under the name `PATH.partial`, locked, so that two programs do not write it at once; what a
/// killed one left is written over by the next.
package final class UnfinishedFile {
    /// Where it is written; empty at first.
    package let path: String
    private let place: String
    private let descriptor: Int32
    /// Whether it is to be removed when it is let go of.
    private var isOurs = false

    /// - Parameter place: Where it will be; a file that is there already gives way then.
    package init(for place: String) throws(FileError) {
        self.place = place
        path = place + ".partial"
        descriptor = try Self.locked(path)
        isOurs = true
        guard ftruncate(descriptor, 0) == 0 else { throw FileError(path: path, doing: "emptied", errno) }
    }

    /// Opens and locks the file that has this name then: whoever had it before may have brought it to its place between
    /// our opening and our locking it.
    private static func locked(_ path: String) throws(FileError) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw FileError(path: path, doing: "made", errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                defer { close(descriptor) }
                throw FileError(path: path, doing: "locked for this program alone", errno)
            }
            if isNamed(path, descriptor) { return descriptor }
            close(descriptor)
        }
    }

    private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev
            && opened.st_ino == named.st_ino
    }

    /// Lets a program write it and keep it locked for as long as that runs, also when we have been killed.
    package var handle: FileHandle { FileHandle(fileDescriptor: descriptor, closeOnDealloc: false) }

    /// Brings the octets to the disk, and the file to its place.
    ///
    /// - Returns: How many octets it has.
    package func publish() throws(FileError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0, fsync(descriptor) == 0 else {
            throw FileError(path: path, doing: "synchronised", errno)
        }
        guard rename(path, place) == 0 else { throw FileError(path: place, doing: "replaced", errno) }
        isOurs = false
        try synchronizeDirectory()
        return Int(status.st_size)
    }

    /// The name is on the disk as well.
    private func synchronizeDirectory() throws(FileError) {
        let end = place.lastIndex(of: "/")
        let name = end.map { $0 == place.startIndex ? "/" : String(place[..<$0]) } ?? "."
        let directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw FileError(path: name, doing: "opened", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw FileError(path: name, doing: "synchronised", errno) }
    }

    deinit {
        if isOurs { unlink(path) }
        if descriptor >= 0 { close(descriptor) }
    }
}
