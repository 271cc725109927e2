import Foundation
import Synchronization

/// A child process of a test: output kept in files, stopped by its pid, killed when let go of.
package final class TestProcess: Sendable {
    /// nil while it runs; then what waitpid(2) said.
    private let ended = Mutex<Int32?>(nil)
    private let directory: TemporaryDirectory
    package let pid: Int32

    /// Starts `command` (a path, or a name looked up in PATH) with `arguments`.
    ///
    /// - Parameter environment: added to the environment of the test itself.
    package init(
        _ command: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, input: [UInt8] = []
    ) throws {
        directory = try TemporaryDirectory(prefix: "pailou-process")
        try Data(input).write(to: URL(fileURLWithPath: directory.path("stdin")))
        // Files and not pipes: a pipe nobody reads would stop the child at 64 KiB.
        pid = try spawnChild(
            command, arguments, environment: environment, workingDirectory: workingDirectory,
            streams: ["stdin", "stdout", "stderr"].map(directory.path))
    }

    package var isRunning: Bool {
        waitStatus == nil
    }

    private var waitStatus: Int32? {
        ended.withLock { ended in
            var status: Int32 = 0
            if ended == nil, waitpid(pid, &status, WNOHANG) == pid { ended = status }
            return ended
        }
    }

    /// What it has written so far.
    package var standardOutput: String { text("stdout") }
    package var standardError: String { text("stderr") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: directory.path(name)) ?? Data(), as: UTF8.self)
    }

    /// Sends a signal to this process and to no other: its pid is not reused before we have waited for it.
    package func signal(_ number: Int32) {
        ended.withLock { ended in
            if ended == nil { _ = kill(pid, number) }
        }
    }

    /// Waits for its end; past `limit` it is killed and ``DeadlinePassed`` thrown, with its errors in the message.
    package func waitForExit(within limit: Duration = .seconds(30)) async throws -> ProcessResult {
        do {
            try await eventually(within: limit, "the end of process \(pid)") { !isRunning }
        } catch let late as DeadlinePassed {
            killAndWait()
            let waitedFor = "\(late.waitedFor), which wrote: \(standardError.suffix(2_000))"
            throw DeadlinePassed(waitedFor: waitedFor, limit: limit, place: late.place)
        } catch {
            killAndWait()
            throw error
        }
        // The low seven bits are the signal, the next byte the status (wait(2)).
        let status = waitStatus ?? 0
        let signal = status & 0x7f
        return ProcessResult(
            status: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal,
            standardOutput: standardOutput, standardError: standardError)
    }

    /// Asks it to end (SIGTERM), and kills it when it has not after `limit`.
    package func stop(within limit: Duration = .seconds(10)) async {
        signal(SIGTERM)
        _ = try? await waitForExit(within: limit)
    }

    private func killAndWait() {
        ended.withLock { ended in
            guard ended == nil else { return }
            var status: Int32 = 0
            kill(pid, SIGKILL)
            waitpid(pid, &status, 0)
            ended = status
        }
    }

    deinit {
        killAndWait()
    }
}
