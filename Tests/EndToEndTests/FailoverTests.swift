import Foundation
import JSONBytes
import TestSupport
import Testing

/// A service of the real program is killed with kill -9 while it is under load.
@Suite(.serialized) struct FailoverTests {
    /// `demo.sleep` waits so long that a call is certainly under way when its service dies.
    private static let facade = """
        openapi: 3.1.0
        info: {title: Sleep, version: "1"}
        x-facade:
          name: sleep
          listen: 127.0.0.1:1
          success: $result
          errors: {default: {body: {error: $error.message}}}
        paths:
          /sleep:
            get:
              operationId: sleep
              parameters: [{name: ms, in: query, schema: {type: integer}}]
              responses: {"200": {description: ok}}
              x-rpc: {method: demo.sleep}
        """

    private struct Timed: Sendable {
        let answer: HTTP.Answer
        let end: ContinuousClock.Instant
    }

    private let directory: TemporaryDirectory
    private let secret: String

    init() throws {
        directory = try TemporaryDirectory()
        secret = try directory.write(String(repeating: "s", count: 64), to: "rpc.secret")
        _ = try directory.write(Self.facade, to: "facades/sleep.yaml")
    }

    private func service(_ name: String, on address: String = "127.0.0.1:0") async throws -> PailouProcess {
        try await PailouProcess.start(
            in: directory.path(name), ["--role", "demo", "--listen", "rpc.demo=\(address)"],
            environment: ["PAILOU_RPC_SECRET_FILE": secret])
    }

    private func gateway(
        _ name: String, of services: [PailouProcess], environment: [String: String] = [:]
    ) async throws -> PailouProcess {
        let addresses = services.map { $0.endpoints.rpc["demo"]! }.joined(separator: ",")
        let ours = ["PAILOU_RPC_SECRET_FILE": secret, "PAILOU_SERVICES_DEMO": addresses]
        return try await PailouProcess.start(
            in: directory.path(name), ["--role", "gateway", "--facades", directory.path("facades")],
            environment: ours.merging(environment) { $1 })
    }

    private func sleeping(_ count: Int, _ milliseconds: Int, through gateway: PailouProcess) -> [Task<Timed, any Error>]
    {
        let url = "http://\(gateway.endpoints.facades["sleep"]!)/sleep?ms=\(milliseconds)"
        return (0..<count).map { _ in Task { Timed(answer: try await HTTP.get(url), end: .now) } }
    }

    private func callsInFlight(_ service: PailouProcess) async throws -> Int {
        let text = try await HTTP.get(service.adminURL + "/metrics").text
        let line = text.split(separator: "\n").first { $0.hasPrefix("rpc_calls_in_flight{method=\"demo.sleep\"}") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    @Test func callsOfAKilledServiceSucceedOnTheOtherReplica() async throws {
        let (dying, living) = (try await service("dying"), try await service("living"))
        let gateway = try await gateway("gateway", of: [dying, living])
        let requests = sleeping(40, 2_000, through: gateway)
        try await eventually("the calls") {
            try await callsInFlight(dying) + callsInFlight(living) == 40
        }
        #expect(try await callsInFlight(dying) > 0)
        try await dying.kill()
        for request in requests {
            let answer = try await request.value.answer
            #expect(answer.status == 200, "\(answer.text)")
        }
        try await gateway.stop()
        try await living.stop()
    }

    /// The time is that of the best of five, and beside it stands what the machine itself takes: on one with other work a
    /// thread waits for its turn for longer than 50 ms.
    @Test func withNoOtherReplicaPendingCallsEndWithin50MillisecondsAndTheGatewayRecovers() async throws {
        var service = try await service("service")
        let address = try #require(service.endpoints.rpc["demo"])
        let gateway = try await gateway("gateway", of: [service], environment: ["PAILOU_RPC_RETRY_TRIES_MAX": "1"])
        var times: [Outage] = []
        while times.count < 5, times.last.map({ !$0.isShort }) ?? true {
            times.append(try await timeToFail(service, gateway))
            try await eventually("the gateway to say so") {
                let page = try await HTTP.get(gateway.adminURL + "/readyz")
                return try page.status == 200 && unavailable(page).contains("demo")
            }
            service = try await self.service("service", on: address)
            try await eventually("the service's return") {
                try await sleeping(1, 0, through: gateway)[0].value.answer.status == 200
            }
            try await eventually("the gateway to say so") {
                try await !unavailable(HTTP.get(gateway.adminURL + "/readyz")).contains("demo")
            }
        }
        #expect(times.last!.isShort, "\(times)")
        try await gateway.stop()
        try await service.stop()
    }

    /// Kills a service with 40 calls under way, and as many connections of its own that only wait for its end.
    private func timeToFail(_ service: PailouProcess, _ gateway: PailouProcess) async throws -> Outage {
        let control = try await ControlConnections(to: service.endpoints.port(rpc: "demo"), count: 40)
        let requests = sleeping(40, 20_000, through: gateway)
        try await eventually("the calls") { try await callsInFlight(service) == 40 }
        service.signal(SIGKILL)
        let death = ContinuousClock.now
        var slowest = Duration.zero
        for request in requests {
            let timed = try await request.value
            #expect(timed.answer.status == 503)
            #expect(timed.answer.header("retry-after") == "1")
            slowest = max(slowest, timed.end - death)
        }
        _ = try await service.waitForExit()
        return Outage(calls: slowest, control: try await control.slowestEnd(after: death))
    }

    private func unavailable(_ page: HTTP.Answer) throws -> [String] {
        try page.json["unavailable_services"]?.elements?.compactMap(\.string) ?? []
    }
}
