import ArgumentParser
import Database
import Foundation
import ServiceRuntime

/// The schema of a store brought up to date by hand; `serve` does the same when it starts.
struct StoreMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring a store to this program's schema, all at once or not at all.",
        discussion: """
            A store in a file is migrated while nobody runs on it. A store that a newer program has written is refused \
            and stays as it is. Older programs refuse a store afterwards: back it up before.
            """)

    struct Answer: Encodable {
        let service: String
        /// The version of each part before and after; none where there was no store.
        let before: [String: Int]
        let after: [String: Int]
    }

    @OptionGroup var target: StoreTarget

    func run() async throws {
        let settings = try await target.settings()
        try await StartFailure.told {
            let database = try open(settings)
            let answer: Answer
            do {
                answer = try await migrate(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
            try target.show(answer) { Self.text(of: answer) }
        }
    }

    private func open(_ settings: Settings) throws -> any Database {
        // A misspelt directory would become an empty store.
        if StoreSettings.server(settings) == nil, !FileManager.default.fileExists(atPath: target.path) {
            throw StartError("expected a store at \(target.path), found no such file")
        }
        return try StoreSettings.open(
            settings, path: target.path, schema: target.description.schema, logger: target.logger)
    }

    private func migrate(_ database: any Database) async throws -> Answer {
        let before = try await versions(of: database)
        try await database.migrate(target.description.migrations)
        return Answer(service: target.service, before: before, after: try await versions(of: database))
    }

    private func versions(of database: any Database) async throws -> [String: Int] {
        do {
            return try await database.read { try SchemaVersions.applied(in: $0) }
        } catch let error as DatabaseError where error.kind == .olderStore {
            return [:]
        }
    }

    private static func text(of answer: Answer) -> String {
        answer.after.sorted { $0.key < $1.key }.map { part, version in
            let before = answer.before[part] ?? 0
            return before == version ? "\(part): version \(version) already" : "\(part): version \(before) → \(version)"
        }.joined(separator: "\n")
    }
}
