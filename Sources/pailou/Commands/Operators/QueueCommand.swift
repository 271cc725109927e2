import ArgumentParser
import RPC
import ServiceContracts

/// Queues of a running service, for operators. What is decided is kept in the store and holds for all replicas.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "List, pause, resume and drain queues, and cap what runs of them.",
        subcommands: [List.self, Pause.self, Resume.self, Drain.self, Cap.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List queues.")

        @OptionGroup var target: ServiceTarget

        func run() async throws {
            try await target.call(target.jobs.queues, RPCNothing()) { result in
                for queue in result.items { print(JobText.line(of: queue)) }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start nothing more of a queue; what runs goes on.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The queue.") var queue: String

        func run() async throws {
            try await target.call(target.jobs.pause, JobQueueParameters(queue: queue)) {
                print(JobText.line(of: $0))
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a queue start jobs again.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The queue.") var queue: String

        func run() async throws {
            try await target.call(target.jobs.resume, JobQueueParameters(queue: queue)) {
                print(JobText.line(of: $0))
            }
        }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pause a queue and wait until nothing of it runs.")

        /// Between two looks.
        private static let interval = Duration.milliseconds(500)

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The queue.") var queue: String

        func run() async throws {
            try await target.options.withClient { client in
                while true {
                    let state = try await client.call(target.jobs.pause, JobQueueParameters(queue: queue))
                    if state.executing == 0 { return try target.show(state) { print(JobText.line(of: $0)) } }
                    try await Task.sleep(for: Self.interval)
                }
            }
        }
    }

    struct Cap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set how many jobs of a queue run at the same time, over all replicas.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The queue.") var queue: String
        @Argument(help: "Jobs at the same time; without it the replicas' settings hold again.") var cap: Int?

        func run() async throws {
            try await target.call(target.jobs.cap, JobCapParameters(queue: queue, cap: cap)) {
                print(JobText.line(of: $0))
            }
        }
    }
}
