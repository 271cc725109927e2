import TestSupport

/// This program again, echoing frames as a child process.
final class EchoServer: Running {
    private let process: TestProcess
    let port: Int

    var tree: ProcessTree { ProcessTree(pid: process.pid) }

    static func start() async throws -> EchoServer {
        let process = try TestProcess("/proc/self/exe", ["echo-server"])
        var port = 0
        try await eventually(within: .seconds(10), "the echo server's port") {
            guard process.isRunning else {
                throw BenchmarkError("the echo server ended: \(process.standardError.suffix(1_000))")
            }
            let line = process.standardOutput.split(separator: "\n").first { $0.hasPrefix("port ") }
            port = line.flatMap { Int($0.dropFirst("port ".count)) } ?? 0
            return port > 0
        }
        return EchoServer(process: process, port: port)
    }

    private init(process: TestProcess, port: Int) {
        self.process = process
        self.port = port
    }

    func stop() async {
        await process.stop()
    }
}
