import ArgumentParser
import Foundation
import RPC
import ServiceContracts

/// Which service a command is about, and how its answer is shown.
struct ServiceTarget: ParsableArguments {
    @Option(help: "The service that is meant.")
    var service = "export"

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var options: RPCOptions

    var jobs: JobMethods { JobMethods(service: service) }
    var deliveries: DeliveryContracts { DeliveryContracts(service: service) }

    /// Makes one call and shows its answer: as JSON when asked to, else as `body` prints it.
    func call<Params, Answer>(
        _ contract: RPCContract<Params, Answer>, _ params: Params, _ body: (Answer) throws -> Void
    ) async throws {
        try await options.withClient { client in try show(try await client.call(contract, params), body) }
    }

    func show<Answer: Encodable>(_ answer: Answer, _ body: (Answer) throws -> Void) throws {
        if json { try JSONLine.print(answer) } else { try body(answer) }
    }
}

/// An answer for programs: one line, members in the order of their names.
enum JSONLine {
    static func print(_ answer: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Swift.print(String(decoding: try encoder.encode(answer), as: UTF8.self))
    }
}
