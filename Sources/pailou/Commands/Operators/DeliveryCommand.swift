import ArgumentParser
import RPC
import ServiceContracts

/// Callbacks of a running service, for operators.
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

        var isEmpty: Bool { parameters == DeliveryFilterParameters() }

        var parameters: DeliveryFilterParameters {
            var parameters = DeliveryFilterParameters()
            (parameters.state, parameters.url, parameters.since, parameters.until) = (state, url, since, until)
            return parameters
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List callbacks, newest first.")

        @OptionGroup var target: ServiceTarget
        @OptionGroup var filter: Filter

        @Option(help: "Only callbacks older than the one of this id: the last of the page before.")
        var after: String?

        @Option(help: "Callbacks of one page, at most 1,000.")
        var limit = 50

        func run() async throws {
            var parameters = filter.parameters
            (parameters.after, parameters.limit) = (after, limit)
            try await target.call(target.deliveries.list, parameters) { result in
                for delivery in result.items { print(DeliveryText.line(of: delivery)) }
                if result.more, let last = result.items.last { print("more with --after \(last.id)") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a callback and its attempts.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "Its id, msg_…") var id: String

        func run() async throws {
            try await target.call(target.deliveries.get, DeliveryIDParameters(id: id)) { detail in
                print(DeliveryText.line(of: detail.delivery))
                print(TerminalText.plain(detail.body))
                for attempt in detail.log { print("  " + DeliveryText.line(of: attempt)) }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver a callback again, or all that fit; failed ones unless --state says otherwise.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The id of one callback, msg_…") var id: String?
        @OptionGroup var filter: Filter

        func validate() throws {
            guard (id == nil) != filter.isEmpty else {
                throw ValidationError("expected an id, or at least one of --state, --url, --since, --until")
            }
        }

        func run() async throws {
            var parameters = filter.parameters
            parameters.id = id
            try await target.call(target.deliveries.replay, parameters) { result in
                print("\(result.replayed) delivered again of those with \(DeliveryText.words(of: result.filter))")
                if result.more { print("there are more: say it again") }
            }
        }
    }
}
