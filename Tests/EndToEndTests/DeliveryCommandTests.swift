import JSONBytes
import TestSupport
import Testing

/// Callbacks of the running system, looked at and replayed from the command line.
struct DeliveryCommandTests {
    private static func run(_ words: [String], to system: PailouProcess) async throws -> ProcessResult {
        try await runProcess(PailouProcess.program, ["delivery"] + words + ["--to", system.endpoints.rpc["gateway"]!])
    }

    @Test func aFailedCallbackIsListedShownAndDeliveredAgain() async throws {
        let directory = try TemporaryDirectory()
        let isBroken = Shared(true)
        let receiver = try await HTTPTestServer { _ in .status(isBroken.value ? 500 : 200) }
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": receiver.address, "PAILOU_OUTBOX_BACKOFF": "0s"])
        let source = system.exportURL + "/demo/page?total=10"
        // What a stranger wrote into the title comes back in the body of the callback.
        let body = ExportClient.body(source: source, title: "a\\u001b[2Jb", callback: receiver.url + "/done")
        _ = try await ExportClient(baseURL: system.exportURL).submit(body)
        try await eventually(within: .seconds(20), "the callback given up") {
            try await Self.run(["list", "--state", "failed"], to: system).standardOutput.contains("attempts=1")
        }
        let listed = try await Self.run(["list", "--state", "failed", "--json"], to: system)
        let answer = try JSONValue(parsing: listed.standardOutput.utf8.dropLast())
        let id = try #require(answer["items"]?.elements?.first?["id"]?.string)
        #expect(answer["more"]?.bool == false)
        let shown = try await Self.run(["show", id], to: system).standardOutput
        #expect(shown.contains("status 500") && shown.contains(receiver.url + "/done"), "\(shown)")
        #expect(!shown.unicodeScalars.contains("\u{1B}"))

        isBroken.change { $0 = false }
        let replayed = try await Self.run(["replay", id], to: system).standardOutput
        #expect(replayed.hasPrefix("1 delivered again of those with \(id)"), "\(replayed)")
        try await eventually(within: .seconds(20), "the delivery") {
            try await Self.run(["list", "--state", "delivered"], to: system).standardOutput.contains(id)
        }
        #expect(try await Self.run(["show", "msg_nobody"], to: system).status == 1)
        #expect(try await Self.run(["replay"], to: system).status == 64)
        try await system.stop()
        await receiver.close()
    }
}
