import ArgumentParser
import Foundation
import NIOCore
import RPC
import ServiceContracts

/// Jobs of a running service, for operators.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "List, show, cancel and watch jobs; start failed ones again.",
        subcommands: [List.self, Show.self, Cancel.self, Retry.self, Watch.self, Redrive.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")

        @OptionGroup var target: ServiceTarget
        @OptionGroup var filter: JobFilterOptions

        @Option(help: "Only jobs older than this one: the last of the page before.")
        var before: Int64?

        @Option(help: "Jobs of one page, at most 1,000.")
        var limit = 50

        func run() async throws {
            let parameters = JobListParameters(filter: filter.parameters, before: before, limit: limit)
            try await target.call(target.jobs.list, parameters) { result in
                for job in result.items { print(JobText.line(of: job)) }
                if let next = result.next { print("more with --before \(next)") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a job.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The job's number.") var id: Int64

        func run() async throws {
            try await target.call(target.jobs.show, JobParameters(id: id)) { print(JobText.lines(of: $0)) }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a job that has not ended.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The job's number.") var id: Int64

        func run() async throws {
            try await target.call(target.jobs.cancel, JobParameters(id: id)) { print(JobText.line(of: $0)) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start a failed job again, as a new job.")

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The job's number.") var id: Int64

        func run() async throws {
            let parameters = JobRedriveParameters(id: id, limit: 1)
            try await target.options.withClient { client in
                let result = try await client.call(target.jobs.redrive, parameters)
                guard let pair = result.redriven.first else {
                    let job = try await client.call(target.jobs.show, JobParameters(id: id))
                    throw StartError(
                        "job \(id): expected a failed job that was not started again before, found it \(job.state)")
                }
                try target.show(result) { _ in print("\(pair.old) → \(pair.new)") }
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a job whenever it changes, until it has ended.")

        /// The service ends the wait, not we.
        private static let waitMax = Duration.seconds(7 * 86_400)

        @OptionGroup var target: ServiceTarget
        @Argument(help: "The job's number.") var id: Int64

        func run() async throws {
            let params = try RPCCoding.encode(JobParameters(id: id))
            try await target.options.withClient { client in
                var options = RPCCallOptions(timeout: Self.waitMax)
                options.isIdempotent = true
                let events = client.events(target.jobs.watch.name, params, options: options)
                for try await event in events {
                    try show(event)
                    // Whoever reads a pipe is told now, too.
                    fflush(nil)
                }
                // Its state has been shown as an event.
                _ = try await events.result()
            }
        }

        private func show(_ event: RPCEvent) throws {
            let data = Data(event.data.readableBytesView)
            switch event.kind {
            case .item:
                try target.show(JSONDecoder().decode(JobDescription.self, from: data)) { print(JobText.line(of: $0)) }
            case .progress:
                try target.show(JSONDecoder().decode(JobProgressDescription.self, from: data)) {
                    print(JobText.line(of: $0))
                }
            default: break
            }
        }
    }

    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start failed jobs again, oldest first, each once; without --limit it only counts them.")

        @OptionGroup var target: ServiceTarget
        @OptionGroup var filter: JobFilterOptions

        @Option(help: "Jobs to start, at most 1,000.")
        var limit = 0

        func run() async throws {
            let parameters = JobRedriveParameters(filter: filter.parameters, limit: limit)
            try await target.call(target.jobs.redrive, parameters) { result in
                print("\(result.matched) failed jobs fit \(JobText.words(of: result.filter))")
                for pair in result.redriven { print("\(pair.old) → \(pair.new)") }
                print("\(result.redriven.count) started again")
            }
        }
    }
}
