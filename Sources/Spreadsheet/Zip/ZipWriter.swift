/// Packs finished files into one zip, as they are.
package protocol ZipWriter: AnyObject {
    /// Moves a file into the archive under a name of its own; it is gone at the latest when the archive is finished.
    func take(file source: String, as name: String) throws(SpreadsheetError)

    /// Completes the archive; answers its size. If this throws, the archive is gone.
    func finish() throws(SpreadsheetError) -> Int

    /// Gives up: nothing stays of the archive. Does nothing after `finish`.
    func abandon()
}

/// Names in an archive.
enum EntryName {
    /// What unpackers take for harmless: no absolute path, no way up, no backslash.
    static func isHarmless(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isBad = { (part: Substring) in part.isEmpty || part == "." || part == ".." }
        return name.utf8.count <= Int(UInt16.max) && !parts.contains(where: isBad)
            && !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\\") || $0 == 0x7F }
    }
}
