import HTTPFetch
import TestSupport
import Testing

@Suite("Cancelled and shut down", .timeLimit(.minutes(1)))
struct CancellationTests {
    /// A server whose answers wait at a gate that stays closed.
    private func waitingServer(_ gate: Gate) async throws -> HTTPTestServer {
        try await HTTPTestServer { _ in
            await gate.wait()
            return .text("late")
        }
    }

    @Test("cancelling the task aborts the transfer and closes its connection")
    func cancel() async throws {
        let gate = Gate()
        let server = try await waitingServer(gate)
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        try await withFetcher { fetcher in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: HTTPFetchError.cancelled) { try await fetcher.fetch(request) }
                }
                try? await eventually("the request at the gate") { gate.waitingCount == 1 }
                group.cancelAll()
            }
            gate.open()
            try await eventually("the end of the connection") { server.openConnectionCount == 0 }
            let response = try await fetcher.fetch(request)
            #expect(response.status == 200)
        }
        await server.close()
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        try await withFetcher { fetcher in
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                for _ in 0..<20 {
                    group.addTask {
                        await #expect(throws: HTTPFetchError.cancelled) { try await fetcher.fetch(request) }
                    }
                }
            }
        }
        #expect(server.requests.isEmpty)
        await server.close()
    }

    @Test("each of many requests ends once, cancelled or answered")
    func race() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        try await withFetcher { fetcher in
            for _ in 0..<20 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            do throws(HTTPFetchError) {
                                #expect(try await fetcher.fetch(request).status == 200)
                            } catch {
                                #expect(error == .cancelled)
                            }
                        }
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
            let response = try await fetcher.fetch(request)
            #expect(response.status == 200)
        }
        await server.close()
    }

    @Test("shutting down aborts what is under way and refuses what comes later")
    func shutdown() async throws {
        let gate = Gate()
        let server = try await waitingServer(gate)
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        let fetcher = try CurlFetcher()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: HTTPFetchError.shutDown) { try await fetcher.fetch(request) } }
            try? await eventually("the request at the gate") { gate.waitingCount == 1 }
            await fetcher.shutdown()
        }
        await #expect(throws: HTTPFetchError.shutDown) { try await fetcher.fetch(request) }
        await fetcher.shutdown()
        await server.close()
    }

    @Test("a fetcher nobody holds ends its thread and closes its connections")
    func letGo() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        _ = try await CurlFetcher().fetch(request)
        try await eventually("the end of the connection") { server.openConnectionCount == 0 }
        await server.close()
    }
}
