import ArgumentParser
import Foundation
import RPC
import ServiceContracts

/// Which service a command is about, and how its answer is shown.
struct JobTarget: ParsableArguments {
    @Option(help: "The service whose jobs are meant.")
    var service = "export"

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var options: RPCOptions

    var methods: JobMethods { JobMethods(service: service) }

    /// Makes one call and shows its answer: as JSON when asked to, else as `body` prints it.
    func call<Params, Answer>(
        _ contract: RPCContract<Params, Answer>, _ params: Params, _ body: (Answer) throws -> Void
    ) async throws {
        try await options.withClient { client in try show(try await client.call(contract, params), body) }
    }

    func show<Answer: Encodable>(_ answer: Answer, _ body: (Answer) throws -> Void) throws {
        guard json else { return try body(answer) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(answer), as: UTF8.self))
    }
}

/// Which jobs.
struct JobFilterOptions: ParsableArguments {
    @Option(help: "Only jobs of this kind.")
    var kind: String?

    @Option(help: "Only jobs of this queue.")
    var queue: String?

    @Option(help: "Only jobs in this state, such as failed. May be repeated.")
    var state: [String] = []

    @Option(help: "Only jobs made within the last so many seconds.")
    var within: Int?

    var parameters: JobFilterParameters {
        var parameters = JobFilterParameters()
        parameters.kind = kind
        parameters.queue = queue
        parameters.states = state.isEmpty ? nil : state
        parameters.createdFrom = within.map { Int64(Date().timeIntervalSince1970 * 1000) - Int64($0) * 1000 }
        return parameters
    }
}
