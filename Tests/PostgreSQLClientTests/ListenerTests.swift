import PostgreSQLTesting
import TestSupport
import Testing

@testable import PostgreSQLClient

@Suite("a listener to PostgreSQL", .postgreSQL)
struct ListenerTests {
    /// What a listener heard, in words.
    private final class Hearing: Sendable {
        let words = Shared<[String]>([])

        func hear(_ event: PostgreSQLListener.Event) {
            let word =
                switch event {
                case .listening: "listening"
                case .notification(let said): "\(said.channel): \(said.payload)"
                case .lost: "lost"
                }
            words.change { $0.append(word) }
        }

        func count(_ word: String) -> Int { words.value.count { $0 == word } }
    }

    @Test("hears what is said on its channels, whatever their names")
    func hears() async throws {
        let options = PostgreSQLOptions(connection: try PostgreSQLTrait.current.address)
        let hearing = Hearing()
        let listener = PostgreSQLListener(options, channels: ["jobs", #"odd "name"; --"#], hear: hearing.hear)
        try await eventually { hearing.count("listening") == 1 }
        let speaker = try PostgreSQLConnection(options)
        for (channel, payload) in [("jobs", "1"), ("unheard", "2"), (#"odd "name"; --"#, "3")] {
            try speaker.run(PostgreSQLStatement("SELECT pg_notify($1, $2)::text", [.text(channel), .text(payload)]))
        }
        try await eventually { hearing.words.value.count == 3 }
        #expect(hearing.words.value == ["listening", "jobs: 1", #"odd "name"; --: 3"#])
        await listener.close()
    }

    @Test("says that it lost its connection, and listens again on another")
    func reconnects() async throws {
        var options = PostgreSQLOptions(connection: try PostgreSQLTrait.current.address)
        options.applicationName = "lost listener"
        let hearing = Hearing()
        let listener = PostgreSQLListener(options, channels: ["jobs"], hear: hearing.hear)
        try await eventually { hearing.count("listening") == 1 }
        options.applicationName = "speaker"
        let speaker = try PostgreSQLConnection(options)
        try speaker.run(
            PostgreSQLStatement(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost listener'"
            ))
        try await eventually { hearing.count("lost") == 1 && hearing.count("listening") == 2 }
        try speaker.run(PostgreSQLStatement("SELECT pg_notify('jobs', 'again')::text"))
        try await eventually { hearing.count("jobs: again") == 1 }
        await listener.close()
    }
}
