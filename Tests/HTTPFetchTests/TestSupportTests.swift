import Testing
import TestSupport

@Suite("What tests stand on")
struct TestSupportTests {
    @Test("a server records requests, keeps connections and counts them")
    func serverRecords() async throws {
        let server = try await HTTPTestServer { request in .json("{\"path\":\"\(request.path)\"}") }
        let client = try await RawTCPClient(port: server.port)
        for path in ["/a?x=%E4%B8%AD&y=1+2", "/b"] {
            try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await client.read(until: "}")
        }
        #expect(server.requests.map(\.path) == ["/a", "/b"])
        #expect(server.requests[0].query == ["x": "中", "y": "1 2"])
        #expect(server.requests.map(\.connection) == [1, 1])
        #expect(server.connectionCount == 1)
        await client.close(reset: true)
        try await eventually("the connection's end") { server.openConnectionCount == 0 }
        await server.close()
    }

    @Test("a gate holds an answer until the test opens it")
    func gate() async throws {
        let gate = Gate()
        let server = try await HTTPTestServer { _ in
            await gate.wait()
            return .text("late")
        }
        let client = try await RawTCPClient(port: server.port)
        try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await eventually("the handler at the gate") { gate.waitingCount == 1 }
        #expect(client.received.isEmpty)
        gate.open()
        _ = try await client.read(until: "late")
        await server.close()
        #expect(try await client.readToEnd().isEmpty)
    }

    @Test("a server that closes lets go of handlers that wait")
    func closeCancels() async throws {
        let gate = Gate()
        let server = try await HTTPTestServer { _ in
            await gate.wait()
            return .text("never")
        }
        let client = try await RawTCPClient(port: server.port)
        try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await eventually("the handler at the gate") { gate.waitingCount == 1 }
        try await withDeadline { await server.close() }
        #expect(gate.waitingCount == 0)
    }

    @Test("a manual clock wakes sleepers when their time has come")
    func manualClock() async throws {
        let clock = ManualClock()
        async let short: Void = clock.sleep(until: clock.now.advanced(by: .seconds(1)))
        async let long: Void = clock.sleep(until: clock.now.advanced(by: .seconds(60)))
        try await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await short
        #expect(clock.sleeperCount == 1)
        clock.advanceToNextDeadline()
        try await long
        #expect(clock.now.offset == .seconds(60))
    }

    @Test("a process is bounded in time and its output is kept")
    func processes() async throws {
        let result = try await runProcess("sh", ["-c", "cat; echo wrong >&2; exit 3"], input: Array("in".utf8))
        #expect(result.status == 3)
        #expect(result.standardOutput == "in")
        #expect(result.standardError == "wrong\n")
        await #expect(throws: DeadlinePassed.self) {
            try await runProcess("sleep", ["60"], within: .milliseconds(50))
        }
        let process = try TestProcess("sleep", ["60"])
        await process.stop()
        #expect(!process.isRunning)
    }

    @Test("a directory disappears with its owner")
    func temporaryDirectory() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("text", to: "deep/file.txt")
        #expect(try await runProcess("cat", [file]).standardOutput == "text")
        directory.close()
        #expect(try await runProcess("test", ["-e", file]).status == 1)
    }

    @Test("a Python environment is made once and can import what was asked for")
    func python() async throws {
        async let first = pythonWithPackages(["openpyxl==3.1.5"])
        async let second = pythonWithPackages(["openpyxl==3.1.5"])
        let paths = try await [first, second]
        #expect(paths[0] == paths[1])
        let result = try await runSuccessfully(paths[0], ["-c", "import openpyxl; print(openpyxl.__version__)"])
        #expect(result.standardOutput == "3.1.5\n")
    }
}
