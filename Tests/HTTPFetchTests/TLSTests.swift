import Foundation
import HTTPFetch
import TestSupport
import Testing

/// OpenSSL's own test server with a certificate it signed itself.
private final class TLSServer {
    private let process: TestProcess
    private let directory: TemporaryDirectory
    let certificateFile: String
    private(set) var port = 0

    init() async throws {
        directory = try TemporaryDirectory()
        certificateFile = directory.path("certificate.pem")
        try await runSuccessfully(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=pailou test", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", directory.path("key.pem"), "-out", certificateFile,
            ])
        process = try TestProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key",
                directory.path("key.pem"),
            ])
        try await eventually("the line that names the port") {
            let line = process.standardOutput.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
            port = line?.split(separator: ":").last.flatMap { Int($0) } ?? 0
            return port != 0
        }
    }

    func stop() async {
        await process.stop()
    }
}

@Suite("https", .timeLimit(.minutes(1)))
struct TLSTests {
    @Test("a certificate nobody vouches for is refused, and for good")
    func selfSigned() async throws {
        let server = try await TLSServer()
        let policy = try AddressPolicy(parsing: ["127.0.0.1:\(server.port)"])
        let request = HTTPFetchRequest(url: "https://127.0.0.1:\(server.port)/", policy: policy)
        try await withFetcher { fetcher in
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
            guard case .certificateRefused = failure else {
                Issue.record("expected a refused certificate, found \(String(describing: failure))")
                return
            }
        }
        await server.stop()
    }

    @Test("a certificate of a trusted authority is accepted, but only for its own name")
    func trusted() async throws {
        let server = try await TLSServer()
        let policy = try AddressPolicy(parsing: ["127.0.0.0/8"])
        let options = CurlFetcherOptions(certificateAuthorityFile: server.certificateFile)
        try await withFetcher(options) { fetcher in
            let good = HTTPFetchRequest(url: "https://127.0.0.1:\(server.port)/", policy: policy)
            let response = try await fetcher.fetch(good)
            #expect(response.status == 200)
            #expect(response.timings.tls > .zero)
            let bad = HTTPFetchRequest(url: "https://localhost:\(server.port)/", policy: policy)
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(bad) }
            guard case .certificateRefused = failure else {
                Issue.record("expected a refused certificate, found \(String(describing: failure))")
                return
            }
        }
        await server.stop()
    }
}
