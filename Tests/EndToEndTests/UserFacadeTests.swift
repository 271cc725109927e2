import Foundation
import JSONBytes
import TestSupport
import Testing

/// A service of somebody else behind a façade of their own.
struct UserFacadeTests {
    @Test func theWorkedExampleOfTheDocumentWorksAsItIsWritten() async throws {
        let example = try WorkedExample()
        let directory = try TemporaryDirectory()
        let port = try freePort()
        // The one thing changed: two runs of this test must not want the same ports.
        func moved(_ text: String) -> String { text.replacing("7201", with: "\(port)") }
        try FileManager.default.createDirectory(
            atPath: directory.path("facades"), withIntermediateDirectories: false)
        let python = try example.line("python3 ").words
        let program = try directory.write(moved(example.program), to: python[1])
        _ = try directory.write(example.facade, to: "facades/greet.yaml")
        let service = try TestProcess("python3", [program])
        defer { service.signal(SIGTERM) }

        let serve = try example.line("pailou serve ").words.dropFirst(2).map(moved)
        let arguments = serve.map { $0 == "facades" ? directory.path("facades") : $0 }
        let system = try await PailouProcess.start(in: directory.path("data"), arguments)
        let curl = try example.line("curl ")
        let path = try #require(URL(string: curl.words.last!)?.path)
        let facade = try #require(system.endpoints.facades["greet"])
        try await eventually("the service to answer as documented") {
            try await HTTP.get("http://\(facade)\(path)").text == curl.comment
        }
        // The same methods on the RPC port, by their prefix.
        let call = try await runSuccessfully(
            PailouProcess.program,
            ["call", "greet.say", #"{"name":"rpc"}"#, "--to", try #require(system.endpoints.rpc["gateway"])])
        #expect(try JSONValue(parsing: call.standardOutput.utf8.dropLast())["text"]?.string == "hello, rpc")

        let listed = try await HTTP.get("http://\(facade)/openapi.json").json
        #expect(listed["paths"]?["/hello/{name}"] != nil)
        await service.stop()
        try await eventually("a 503 in the façade's own words") {
            let answer = try await HTTP.get("http://\(facade)\(path)")
            return try answer.status == 503 && answer.json["error"]?.string != nil
        }
        try await system.stop()
    }

    @Test(
        arguments: [
            (
                "facades:\n  nobody:\n    allowedOrigins: []\n", [], 78,
                "facades.nobody.allowedOrigins: there is no façade nobody"
            ),
            (
                "", ["--facades", "/nowhere"], 78,
                "--facades: gateway.facades is \"/nowhere\"; expected a readable directory"
            ),
            ("", ["--service", "shop"], 64, "--service"),
            ("", ["--service", "export=127.0.0.1:1"], 64, "--service export: expected a service of another process"),
        ] as [(String, [String], Int32, String)])
    func mistakesAreToldBeforeAnythingListens(
        file: String, arguments: [String], status: Int32, text: String
    ) async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(file, to: "pailou.yaml")
        let result = try await runProcess(
            PailouProcess.program,
            ["serve", "--ephemeral", "--data-dir", directory.path("data"), "--config", path] + arguments)
        #expect(result.status == status)
        #expect(result.standardError.contains(text), "\(result.standardError)")
    }

    @Test func aNameThatIsTakenIsRefused() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path("facades"), withIntermediateDirectories: false)
        let document = try WorkedExample().facade.replacing("name: greet", with: "name: export")
        _ = try directory.write(document, to: "facades/mine.yaml")
        let result = try await runProcess(
            PailouProcess.program,
            ["serve", "--ephemeral", "--data-dir", directory.path("data"), "--facades", directory.path("facades")])
        #expect(result.status == 1)
        #expect(result.standardError.contains("mine.yaml: the name export is taken"), "\(result.standardError)")
    }

    @Test func configShowsEveryServiceAndTheFormOfTheFamily() async throws {
        let result = try await runSuccessfully(
            PailouProcess.program, ["config"], environment: ["PAILOU_SERVICES_SHOP": "127.0.0.1:9"])
        for text in ["services.shop\n    value    127.0.0.1:9", "services.NAME\n", "facades.NAME.allowedOrigins\n"] {
            #expect(result.standardOutput.contains(text), "\(result.standardOutput)")
        }
    }
}

/// A port that was free a moment ago.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0 else {
                throw POSIXError(.EADDRNOTAVAIL)
            }
        }
        return pointer.pointee.sin_port
    }
    return Int(UInt16(bigEndian: port))
}
