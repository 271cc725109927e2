import Glibc

/// Remembers a file that libxlsxwriter closes only when it comes as far as assembling the sheet.
///
/// After a failed `workbook_close` nobody says whether it did. The file is unlinked, so its inode is found under its
/// descriptor exactly as long as it is open.
struct OpenFile {
    private let file: UnsafeMutablePointer<FILE>?
    private let descriptor: Int32
    private let identity: stat

    init(_ file: UnsafeMutablePointer<FILE>?) {
        self.file = file
        descriptor = file.map { fileno($0) } ?? -1
        var identity = stat()
        _ = fstat(descriptor, &identity)
        self.identity = identity
    }

    func closeIfStillOpen() {
        var now = stat()
        guard let file, fstat(descriptor, &now) == 0,
            now.st_ino == identity.st_ino, now.st_dev == identity.st_dev
        else { return }
        fclose(file)
    }
}
