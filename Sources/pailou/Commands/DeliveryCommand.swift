import ArgumentParser
import JSONBytes
import NIOCore
import RPC

/// Callbacks: what became of them, and delivering them again.
struct DeliveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery", abstract: "Look at callbacks and deliver them again.",
        subcommands: [List.self, Show.self, Replay.self])

    /// Which callbacks.
    struct Filter: ParsableArguments {
        @Option(help: "waiting, delivered or failed.")
        var state: String?

        @Option(help: "The receiver's URL, exactly.")
        var url: String?

        @Option(help: "Queued in this second since 1970 or later.")
        var since: Int?

        @Option(help: "Queued before this second since 1970.")
        var until: Int?

        var isEmpty: Bool { state == nil && url == nil && since == nil && until == nil }

        var members: [JSONMember] {
            let texts = [("state", state), ("url", url)].compactMap { name, text in
                text.map { JSONMember(name, JSONValue.string($0)) }
            }
            let numbers = [("since", since), ("until", until)].compactMap { name, number in
                number.map { JSONMember(name, JSONValue.number(String($0))) }
            }
            return texts + numbers
        }
    }

    /// Whose callbacks, and how to reach them.
    struct Target: ParsableArguments {
        @Option(help: "The service whose callbacks are meant.")
        var service = "export"

        @Flag(help: "Print the answer as JSON.")
        var json = false

        @OptionGroup var options: RPCOptions

        /// Calls `SERVICE.delivery.NAME`; prints the answer as JSON, or by `text`.
        func call(_ name: String, _ members: [JSONMember], text: @escaping (JSONValue) -> String) async throws {
            let parameters = ByteBuffer(bytes: JSONValue.object(members).bytes)
            try await options.withClient { client in
                let result = try await client.call("\(service).delivery.\(name)", parameters)
                print(json ? String(buffer: result) : text(try JSONValue(parsing: result.readableBytesView)))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List callbacks, the newest first.")

        @OptionGroup var filter: Filter

        @Option(help: "At most so many.")
        var limit = 50

        @Option(help: "Only older ones than the one of this id.")
        var after: String?

        @OptionGroup var target: Target

        func run() async throws {
            let more = after.map { [JSONMember("after", JSONValue.string($0))] } ?? []
            let limit = JSONMember("limit", JSONValue.number(String(limit)))
            try await target.call("list", filter.members + more + [limit]) { answer in
                let lines = (answer["items"]?.elements ?? []).map(DeliveryText.line)
                let rest = answer["more"]?.bool == true ? ["more: --after \(DeliveryText.lastID(of: answer))"] : []
                return (lines + rest).joined(separator: "\n")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a callback and its attempts.")

        @Argument(help: "Its id, msg_…")
        var id: String

        @OptionGroup var target: Target

        func run() async throws {
            try await target.call("get", [JSONMember("id", .string(id))]) { answer in
                let attempts = (answer["log"]?.elements ?? []).map { "  " + DeliveryText.attempt($0) }
                let head = [DeliveryText.line(answer["delivery"] ?? .null), answer["body"]?.string ?? ""]
                return (head + attempts).joined(separator: "\n")
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver a callback again, or all that fit; failed ones unless --state says otherwise.")

        @Argument(help: "The id of one callback, msg_…")
        var id: String?

        @OptionGroup var filter: Filter

        @OptionGroup var target: Target

        func validate() throws {
            guard (id == nil) != filter.isEmpty else {
                throw ValidationError("expected an id, or at least one of --state, --url, --since, --until")
            }
        }

        func run() async throws {
            let members = id.map { [JSONMember("id", JSONValue.string($0))] } ?? filter.members
            try await target.call("replay", members) { answer in
                let more = answer["more"]?.bool == true ? "; there are more, say it again" : ""
                return "replayed \(answer["replayed"]?.integer ?? 0) of \(answer["filter"] ?? .null)\(more)"
            }
        }
    }
}

/// Deliveries in lines for people.
enum DeliveryText {
    static func line(_ delivery: JSONValue) -> String {
        let words = [
            text(delivery["id"]), text(delivery["state"]), "attempts=\(delivery["attempts"]?.integer ?? 0)",
            text(delivery["created_at"]), text(delivery["url"]), text(delivery["error"]),
        ]
        return words.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    static func attempt(_ entry: JSONValue) -> String {
        let status = entry["status"]?.integer.map { "status \($0)" } ?? "no answer"
        let words = [
            "\(entry["attempt"]?.integer ?? 0).", text(entry["started_at"]),
            "\(entry["duration_ms"]?.integer ?? 0) ms", status, text(entry["error"]),
        ]
        return words.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    static func lastID(of list: JSONValue) -> String { text(list["items"]?.elements?.last?["id"]) }

    /// What a stranger wrote cannot steer the terminal.
    private static func text(_ value: JSONValue?) -> String {
        String((value?.string ?? "").unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    }
}
