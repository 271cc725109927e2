import FoundationEssentials

/// Reads files of keys and tokens, which are small.
package enum SmallFile {
    /// 1 MiB: ten thousand tokens or two hundred certificates.
    private static let bytesMax = 1 << 20

    /// The octets of a file; an error names it and says nothing of what is in it.
    package static func read(_ path: String) throws(SecurityFileError) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw SecurityFileError(path, "expected a readable file")
        }
        guard data.count <= bytesMax else {
            throw SecurityFileError(path, "expected at most \(bytesMax) octets, found \(data.count)")
        }
        return Array(data)
    }
}
