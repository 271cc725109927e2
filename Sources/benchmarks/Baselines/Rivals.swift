/// The programs that the gateway is measured beside, as far as they are installed.
struct Rivals: Running {
    private(set) var contenders: [HTTPContender] = []
    private var started: [any Running] = []

    /// Starts all that answer the record; says which are missing.
    static func start(answering record: [UInt8]) async throws -> Rivals {
        var rivals = Rivals()
        do {
            try await rivals.addProxies(record)
            try await rivals.addFastAPI(record)
        } catch {
            await rivals.stop()
            throw error
        }
        return rivals
    }

    func stop() async {
        for one in started.reversed() { await one.stop() }
    }

    private mutating func addProxies(_ record: [UInt8]) async throws {
        let nginx = try await Nginx.startProxy(answering: record)
        started.append(nginx)
        contenders.append(
            HTTPContender(
                name: "nginx → nginx", url: "http://\(nginx.address)/record", trees: nginx.trees, expected: "≥ 0.90"))
        guard Caddy.isInstalled else { return Report.absent(Caddy.absence) }
        let caddy = try await Caddy.start(before: nginx.backPort, path: "/record")
        started.append(caddy)
        let trees = [caddy.tree] + nginx.trees
        contenders.append(HTTPContender(name: "Caddy → nginx", url: caddy.url, trees: trees, expected: "≥ 2"))
    }

    /// With one worker, as it starts by itself, and with one for each core, as nginx has.
    private mutating func addFastAPI(_ record: [UInt8]) async throws {
        let python: String
        do {
            python = try await FastAPI.interpreter()
        } catch {
            return Report.absent(("FastAPI cannot be installed (\(error))", "it takes python3-venv and PyPI"))
        }
        for (workers, expected) in [(1, "≥ 7"), (Machine.cores, "–")] {
            let server = try await FastAPI.start(python: python, workers: workers, answering: record)
            started.append(server)
            let name = "FastAPI, \(workers) of uvicorn's workers"
            contenders.append(HTTPContender(name: name, url: server.url, trees: [server.tree], expected: expected))
        }
    }
}
