import ArgumentParser
import Foundation
import TestSupport

/// What connections cost that are open and say nothing.
struct IdleBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory of idle keep-alive connections, beside nginx as a reverse proxy.",
        discussion: """
            Each connection has had one answer. Memory is the proportional set size over that of the process after its \
            first answer; every round starts a process of its own, because a second round would find the memory there.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Connections kept open.", valueName: "n"))
    var connections = 1_000

    func run() async throws {
        Report.begin("idle: \(connections) keep-alive connections")
        guard Nginx.isInstalled else { return Report.absent(Nginx.absence) }
        try OpenFiles.raiseLimit()
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let settings = try HopFacade.install(in: directory)
        let result = try await compare(rounds: common.rounds) { _ in
            try await using(Nginx.startProxy(answering: Array("{}".utf8))) { nginx in
                try growth(of: nginx.trees, opening: "/record", at: nginx.address)
            }
        } ours: { _ in
            try await using(ReleaseSystem.start(common, environment: settings)) { system in
                try growth(of: [system.tree], opening: HopFacade.path, at: system.facade(HopFacade.name))
            }
        }
        Report.line("nginx → nginx: \(Report.number(result.baseline / 1024, digits: 1)) MiB")
        let each = Report.number(result.ours / Double(connections), digits: 1)
        Report.line("façade → RPC → echo: \(each) KiB a connection")
        Report.ratio("over the idle process, MiB", result.ours / 1024, expected: "≤ 20")
    }

    /// KiB that the processes grow by.
    private func growth(of trees: [ProcessTree], opening path: String, at address: String) throws -> Double {
        func memory() throws -> Double { try trees.reduce(0) { try $0 + $1.memory() } }
        var open = [try Self.ask(path, at: address)]
        let before = try memory()
        while open.count <= connections { open.append(try Self.ask(path, at: address)) }
        let after = try memory()
        // Closed only now.
        return withExtendedLifetime(open) { after - before }
    }

    /// A connection that has had its answer.
    private static func ask(_ path: String, at address: String) throws -> BlockingHTTP {
        let connection = try BlockingHTTP(address, bufferBytes: 4096)
        _ = try connection.get(path)
        return connection
    }
}
