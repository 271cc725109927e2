import Artifacts
import Glibc
import JSONBytes
import NIOPosix
import RPC

extension RowsKeeper {
    /// Makes the file of rows that are still in the body of their request, as the first version of the store kept them.
    ///
    /// Does nothing when there are none in it, or when the file is there already.
    func restore(_ key: HashKey, from body: JSONValue) async throws {
        guard let text = body["source_raw"]?.string else { return }
        try await Self.threads.runIfActive {
            guard access(path(key), F_OK) != 0 else { return }
            let temporary = temporaryPath()
            defer { unlink(temporary) }
            let writer = try RowsFile.Writer(path: temporary)
            var reader = RawRowsReader()
            var text = text
            try text.withUTF8 { try reader.consume(UnsafeRawBufferPointer($0)) { try writer.append($0) } }
            if let violation = reader.finish() { throw CrawlFailure("source_raw: \(violation.message)") }
            try writer.finish()
            try FileTree.publish(temporary, as: path(key))
        }
    }
}
