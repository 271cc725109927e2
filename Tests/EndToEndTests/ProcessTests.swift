import Foundation
import TestSupport
import Testing

/// How the program starts, refuses to start, and stops.
struct ProcessTests {
    @Test func endpointsAreToldWhileReadyAndRemovedAtStop() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"), ["--role", "all", "--role", "demo"])
        #expect(system.endpoints.facades.keys.sorted() == ["export", "scrape"])
        #expect(system.endpoints.rpc.keys.sorted() == ["demo", "export", "gateway", "scrape"])
        #expect(system.endpoints.admin != nil)
        let result = try await system.stop()
        #expect(result.status == 0, "\(result.standardError)")
        #expect(!FileManager.default.fileExists(atPath: directory.path("data/endpoints.json")))
    }

    @Test func aSecondProcessOnTheSameDataDirectoryIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let second = try await runProcess(
            PailouProcess.program, ["serve", "--ephemeral", "--data-dir", directory.path("data")])
        #expect(second.status == 1)
        #expect(second.standardError.contains("is in use by process \(system.endpoints.pid)"))
        try await system.stop()
    }

    @Test func interruptDrainsAndExitsZero() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        system.signal(SIGINT)
        #expect(try await system.waitForExit().status == 0)
    }

    @Test func aSecondSignalEndsAtOnce() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"), ["--role", "all", "--role", "demo"])
        // A call in flight keeps the drain busy for 20 s, unless the second signal ends it.
        let call = try TestProcess(
            PailouProcess.program,
            ["call", "demo.sleep", #"{"ms": 20000}"#, "--to", system.endpoints.rpc["demo"]!])
        try await eventually("the call to be in flight") {
            try await HTTP.get(system.adminURL + "/metrics").text.contains(
                "rpc_calls_in_flight{method=\"demo.sleep\"} 1")
        }
        system.signal(SIGTERM)
        try await eventually("the drain to begin") { system.standardError.contains("draining") }
        system.signal(SIGTERM)
        #expect(try await system.waitForExit().status == 128 + SIGTERM)
        await call.stop()
    }

    @Test(
        arguments: [
            (["serve", "--rolle", "all"], 64), (["serve", "--role", "cook"], 64), (["nonsense"], 64),
            (["serve", "--listen", "export"], 64), (["call"], 64),
        ] as [([String], Int32)])
    func usageErrorsExit64(arguments: [String], status: Int32) async throws {
        let result = try await runProcess(PailouProcess.program, arguments)
        #expect(result.status == status, "\(result.standardError)")
        #expect(!result.standardError.isEmpty)
    }

    @Test func configurationErrorsExit78AndNameFileKeyValueAndWhatIsAllowed() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("log:\n  level: loud\n", to: "pailou.yaml")
        let result = try await runProcess(PailouProcess.program, ["serve", "--config", file])
        #expect(result.status == 78)
        #expect(result.standardError.contains("\(file):2: log.level is \"loud\"; expected one of trace, debug"))
    }

    @Test(
        arguments: [
            ("PAILOU_EXPORT_ALLOWED_SOURCES", "10.0.0.0/33", "export.allowedSources is \"10.0.0.0/33\""),
            ("PAILOU_GATEWAY_PUBLIC_URL", "exports.example", "gateway.publicURL is \"exports.example\""),
            ("PAILOU_GATEWAY_FACADES", "/nowhere", "gateway.facades is \"/nowhere\""),
            ("PAILOU_OUTBOX_SECRET", "%%%", "outbox.secret is \"(secret)\""),
        ])
    func aSettingThatCannotBeUsedIsToldAtTheStart(variable: String, value: String, message: String) async throws {
        let directory = try TemporaryDirectory()
        let result = try await runProcess(
            PailouProcess.program, ["serve", "--data-dir", directory.path("data"), "--ephemeral"],
            environment: [variable: value])
        #expect(result.status == 78)
        #expect(result.standardError.contains("\(variable): \(message); expected"), "\(result.standardError)")
    }

    /// The message has the file, the line and the reason, and nothing has been opened.
    @Test(arguments: [
        ("titles: [a]\nheader:\n  size: huge\n", ":3", "expected size"),
        ("titles: [a]\ncolours: {}\n", ":2", "colours"),
        ("titles: [a\n", "", "expected YAML or JSON"),
        ("", "", "expected a template, found nothing"),
    ])
    func aStyleTemplateThatIsWrongStartsNothing(text: String, line: String, reason: String) async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path("styles"), withIntermediateDirectories: false)
        try directory.write("titles: [fine]\n", to: "styles/a.yaml")
        let file = try directory.write(text, to: "styles/b.yaml")
        let result = try await runProcess(
            PailouProcess.program, ["serve", "--data-dir", directory.path("data"), "--ephemeral"],
            environment: ["PAILOU_EXPORT_STYLES": directory.path("styles")])
        #expect(result.status == 78)
        #expect(
            result.standardError.hasPrefix("pailou: export.styles: \(file)\(line)")
                && result.standardError.contains(reason), "\(result.standardError)")
        #expect(!FileManager.default.fileExists(atPath: directory.path("data/endpoints.json")))
    }

    @Test func aMisspeltVariableIsAConfigurationError() async throws {
        let result = try await runProcess(
            PailouProcess.program, ["config"], environment: ["PAILOU_EXPORT_ALLOWED_SOURCE": "10.0.0.0/8"])
        #expect(result.status == 78)
        #expect(result.standardError.contains("the closest is PAILOU_EXPORT_ALLOWED_SOURCES"))
    }

    @Test func aPublicBindIsRefusedWithTheSettingThatAllowsIt() async throws {
        let directory = try TemporaryDirectory()
        let result = try await runProcess(
            PailouProcess.program,
            ["serve", "--data-dir", directory.path("data"), "--ephemeral", "--listen", "export=0.0.0.0:0"])
        #expect(result.status == 78)
        #expect(result.standardError.contains("listen.allowPlaintext"))
    }

    @Test(arguments: ["export", "rpc.export"])
    func aPortInUseIsTold(listener: String) async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("one"))
        let taken = system.endpoints.facades["export"]!
        let result = try await runProcess(
            PailouProcess.program,
            ["serve", "--data-dir", directory.path("two"), "--ephemeral", "--listen", "\(listener)=\(taken)"])
        #expect(result.status == 1)
        #expect(result.standardError.contains(taken), "\(result.standardError)")
        #expect(result.standardError.contains("ddress already in use"), "\(result.standardError)")
        try await system.stop()
    }
}
