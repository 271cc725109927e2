import Foundation

/// A PostgreSQL of a test's own: Debian's server on a data directory and a socket that nobody else uses.
///
/// Small, and killed with its directory when let go of. What is committed survives its crash: also without `fsync` the
/// system keeps it, and no test switches the machine off.
package final class PostgreSQLServer: Sendable {
    private let directory: TemporaryDirectory
    private let host: NetworkHost?
    private let process: Shared<TestProcess>
    private let isDurable: Bool
    private let transport: LoopbackTransport
    /// Where it is reached by TCP; of its socket it is a part of the name.
    package let port: Int

    /// What is spoken on 127.0.0.1; by its socket it is always reached.
    package enum LoopbackTransport: Sendable {
        case none, plain
        case tls(TestCertificates.Identity)

        fileprivate var files: [String: String] {
            guard case .tls(let identity) = self else { return [:] }
            return ["server.crt": identity.certificate, "server.key": identity.key]
        }
    }

    /// Makes a cluster and starts it; takes about a second.
    ///
    /// - Parameters:
    ///   - host: A machine of a test's network on which others reach it at port 5432.
    ///   - onLoopback: Whether it also listens on 127.0.0.1, on `port`.
    ///   - isDurable: Whether commits wait for the disk, as on a server that is not a test's.
    package init(
        on host: NetworkHost? = nil, onLoopback transport: LoopbackTransport = .none, isDurable: Bool = false
    ) async throws {
        self.host = host
        self.isDurable = isDurable
        self.transport = transport
        // Not one of those that the kernel gives to others between now and the start.
        if case .none = transport { port = 5432 } else { port = Int.random(in: 20_000..<32_000) }
        directory = try TemporaryDirectory(prefix: "pailou-pg")
        try Self.give(directory.path)
        let initdb = Self.command(
            "initdb", ["-D", directory.path("data"), "-U", "pailou", "-A", "trust", "--no-locale", "-E", "UTF8", "-N"])
        try await runSuccessfully(initdb[0], Array(initdb.dropFirst()), workingDirectory: "/")
        if host != nil {
            // Nobody is on a test's network but the test.
            let rules = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.path("data/pg_hba.conf")))
            try rules.seekToEnd()
            try rules.write(contentsOf: Data("host all all samenet trust\n".utf8))
        }
        // The server wants them to be its own.
        for (name, file) in transport.files {
            let copy = directory.path("data/\(name)")
            try FileManager.default.copyItem(atPath: file, toPath: copy)
            try Self.give(copy)
            chmod(copy, 0o600)
        }
        process = Shared(try Self.start(directory, on: host, port: port, transport, isDurable: isDurable))
        try await untilReady()
    }

    /// What programs on libpq take as an address.
    package var address: String { "postgresql:///postgres?host=\(directory.path)&port=\(port)&user=pailou" }

    /// Its first process; the others are children of that one.
    package var pid: Int32 { process.value.pid }

    /// A database of its own for one test.
    package func makeDatabase() async throws -> String {
        let name = "t" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        try await runSuccessfully(
            Self.program("psql"), ["-qX", "-d", address, "-c", "CREATE DATABASE \(name)"], workingDirectory: "/")
        return "postgresql:///\(name)?host=\(host?.address ?? directory.path)&port=\(port)&user=pailou"
    }

    /// Ends it as a crash does, connections and all.
    package func crash() async throws {
        process.value.signal(SIGQUIT)
        _ = try await process.value.waitForExit()
    }

    /// Starts it again on the same data.
    package func restart() async throws {
        let started = try Self.start(directory, on: host, port: port, transport, isDurable: isDurable)
        process.change { $0 = started }
        try await untilReady()
    }

    /// Ends it and removes its data.
    package func close() async {
        process.value.signal(SIGINT)
        _ = try? await process.value.waitForExit()
        directory.close()
    }

    private func untilReady() async throws {
        try await eventually(within: .seconds(60), "a ready PostgreSQL") {
            if !process.value.isRunning { throw ServerEnded(said: process.value.standardError) }
            let answer = try await runProcess(
                Self.program("pg_isready"), ["-q", "-h", directory.path, "-p", "\(port)"])
            return answer.status == 0
        }
    }

    private static func start(
        _ directory: TemporaryDirectory, on host: NetworkHost?, port: Int, _ transport: LoopbackTransport,
        isDurable: Bool
    ) throws -> TestProcess {
        let (address, ssl) =
            switch transport {
            case .none: (host?.address ?? "", "off")
            case .plain: ("127.0.0.1", "off")
            case .tls: ("127.0.0.1", "on")
            }
        let settings =
            [
                "listen_addresses=\(address)", "port=\(port)", "ssl=\(ssl)",
                "unix_socket_directories=\(directory.path)", "max_connections=200", "logging_collector=off",
            ]
            + (isDurable
                ? ["shared_buffers=256MB", "fsync=on", "synchronous_commit=on"]
                : ["shared_buffers=32MB", "fsync=off", "full_page_writes=off"])
        let words = command("postgres", ["-D", directory.path("data")] + settings.flatMap { ["-c", $0] })
        let there = host?.command(words) ?? words
        return try TestProcess(there[0], Array(there.dropFirst()), workingDirectory: "/")
    }

    /// The server refuses root, so root becomes the user that Debian's package made. `setpriv` replaces itself by the
    /// program: signals reach it.
    private static func command(_ name: String, _ arguments: [String]) -> [String] {
        let words = [program(name)] + arguments
        if getuid() != 0 { return words }
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
    }

    private static func give(_ path: String) throws {
        guard getuid() == 0, let user = getpwnam("postgres") else { return }
        chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
    }

    private static func program(_ name: String) -> String { "/usr/lib/postgresql/15/bin/\(name)" }
}

/// The server ended where it should have become ready.
package struct ServerEnded: Error, CustomStringConvertible {
    package let said: String

    package var description: String { "PostgreSQL did not start: \(said.suffix(2_000))" }
}
