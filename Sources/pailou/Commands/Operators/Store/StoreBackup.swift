import ArgumentParser
import Database
import DatabaseSQLite
import Foundation
import PostgreSQLClient
import ServiceRuntime

/// A copy of a store as it is at one moment, while the service goes on.
struct StoreBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent copy of a store into a file, while the service runs or not.",
        discussion: """
            The file is there when the copy is whole, checked and on the disk, and not before. Of a store on a server it \
            is made by pg_dump, of all that is in its database, and read back by pg_restore. Finished files are not in it: copy them afterwards.
            """)

    struct Answer: Encodable {
        let service: String
        let file: String
        let bytes: Int
        /// `sqlite`, or `pg_dump` for an archive of it.
        let format: String
    }

    @OptionGroup var target: StoreTarget

    @Flag(help: "Replace the file if it is there.")
    var replace = false

    @Argument(help: "The file to be written.")
    var file: String

    func run() async throws {
        let settings = try await target.settings()
        try await StartFailure.told {
            guard replace || !FileManager.default.fileExists(atPath: file) else {
                throw StartError("\(file) is there already: expected a new name, or --replace")
            }
            guard Self.place(file) != Self.place(target.path) else {
                throw StartError("\(file) is the store itself: expected another file")
            }
            let copy = try UnfinishedFile(for: file)
            let server = StoreSettings.server(settings)
            if let server {
                try PostgreSQLDump.write(server, to: copy)
                try PostgreSQLDump.check(copy)
            } else {
                try copyFile(to: copy.path)
            }
            let answer = Answer(
                service: target.service, file: file, bytes: try copy.publish(),
                format: server == nil ? "sqlite" : "pg_dump")
            let what = server == nil ? "\(answer.service)'s store" : "the database of \(answer.service)'s store"
            try target.show(answer) { "\(answer.file): \(answer.bytes) octets, a copy of \(what)" }
        }
    }

    private static func place(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }

    /// Whether the copy is sound is asked of the copy: the original may be damaged, or the disk below the copy.
    private func copyFile(to path: String) throws {
        let store = try SQLiteStoreFile(path: target.path)
        try store.copy(to: path)
        try store.close()
        let copy = try SQLiteStoreFile(path: path)
        let report = try copy.read { try StoreCheck([], rules: []).report(in: $0) }
        try copy.close()
        if let finding = report.findings.first {
            throw StartError("the copy is damaged, and was given up: \(finding.examples.joined(separator: "; "))")
        }
    }
}
