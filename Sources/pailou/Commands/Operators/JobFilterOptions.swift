import ArgumentParser
import Foundation
import ServiceContracts

/// Which jobs.
struct JobFilterOptions: ParsableArguments {
    @Option(help: "Only jobs of this kind.")
    var kind: String?

    @Option(help: "Only jobs of this queue.")
    var queue: String?

    @Option(help: "Only jobs in this state, such as failed. May be repeated.")
    var state: [String] = []

    /// A hundred years.
    private static let withinMax: Int64 = 100 * 366 * 86_400

    @Option(help: "Only jobs made within the last so many seconds.")
    var within: Int64?

    func validate() throws {
        guard let within, !(0...Self.withinMax).contains(within) else { return }
        throw ValidationError("--within \(within): expected 0 to \(Self.withinMax) seconds")
    }

    var parameters: JobFilterParameters {
        var parameters = JobFilterParameters()
        parameters.kind = kind
        parameters.queue = queue
        parameters.states = state.isEmpty ? nil : state
        parameters.createdFrom = within.map { Int64(Date().timeIntervalSince1970 * 1000) - $0 * 1000 }
        return parameters
    }
}
