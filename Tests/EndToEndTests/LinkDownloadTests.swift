import Foundation
import JSONBytes
import TestSupport
import Testing

/// `pailou export` fetches the file also where `down_url` leads past the façade: to a bucket, to another web server.
@Suite(.timeLimit(.minutes(2))) struct LinkDownloadTests {
    private let directory: TemporaryDirectory
    private var zip: String { directory.path("out.zip") }

    init() throws { directory = try TemporaryDirectory() }

    private func export(_ system: PailouProcess, _ options: [String] = []) async throws -> ProcessResult {
        try await runProcess(
            PailouProcess.program,
            [
                "export", system.exportURL + "/demo/page?total=300", "--limit", "100", "-o", zip, "--to",
                try #require(system.endpoints.rpc["gateway"]),
            ] + options)
    }

    @Test func aPresignedLinkOfABucketIsFollowed() async throws {
        let moto = try await MotoStore()
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--artifacts", "s3://\(moto.bucket)"],
            environment: [
                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "hidden",
                "PAILOU_EXPORT_ARTIFACTS_ENDPOINT": moto.endpoint, "PAILOU_EXPORT_ARTIFACTS_LINKS": "true",
                "PAILOU_EXPORT_LINK_SIGNING": "true",
            ])
        let result = try await export(system)
        #expect(result.status == 0, "\(result.standardError)")
        #expect(try await Workbook.rows(ofZip: zip).count == 301)
        try await system.stop()
        await moto.stop()
    }

    // command   GET ········ cut    GET, from there      GET, from there
    // server    half of it          503                  302 ─► the rest (206)
    @Test func anInterruptedDownloadGoesOnWhereItEnded() async throws {
        let folder = directory.path("data/export/artifacts")
        let asked = Shared<[String]>([])
        let server = try await HTTPTestServer { request in
            let name = request.path.drop { $0 != "2" }
            guard let octets = FileManager.default.contents(atPath: "\(folder)/\(name)").map(Array.init) else {
                return .status(404)
            }
            let half = octets.count / 2
            asked.change { $0.append(request.header("range") ?? "") }
            switch asked.value.count {
            case 1: return HTTPTestAnswer(body: .cut(Array(octets[..<half]), declared: octets.count))
            case 2: return .status(503)
            case 3: return .redirect(to: "/rest/\(name)")
            default:
                let range = "bytes \(half)-\(octets.count - 1)/\(octets.count)"
                return HTTPTestAnswer(
                    status: 206, headers: [("Content-Range", range)], body: .bytes(Array(octets[half...])))
            }
        }
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ARTIFACTS_URL": "\(server.url)/exports"])
        let result = try await export(system)
        #expect(result.status == 0, "\(result.standardError)")
        #expect(try await Workbook.rows(ofZip: zip).count == 301)
        #expect(asked.value.count == 4 && asked.value[0] == "" && Set(asked.value[1...]).count == 1, "\(asked.value)")
        #expect(server.requests.last?.path.hasPrefix("/rest/") == true)
        try await system.stop()
        await server.close()
    }

    @Test func aServerThatIsNotVouchedForGivesNothing() async throws {
        let certificates = try await TestCertificates()
        let identity = try await certificates.issue()
        let folder = directory.path("data/export/artifacts")
        let nginx = try await NginxTestServer.start { port in
            """
            listen 127.0.0.1:\(port) ssl http2;
            ssl_certificate \(identity.certificate);
            ssl_certificate_key \(identity.key);
            location /exports/ { alias \(folder)/; }
            location /round/ { return 302 $request_uri; }
            """
        }
        let base = "https://127.0.0.1:\(nginx.port)"
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ARTIFACTS_URL": "\(base)/exports"])
        let refused = try await export(system)
        #expect(refused.status == 1 && refused.standardError.contains("GET \(base)/exports/2"), "\(refused)")
        #expect(!refused.standardError.contains("md5="))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["data"])

        let trusted = try await export(system, ["--title", "trusted", "--download-ca", certificates.authority])
        #expect(trusted.status == 0, "\(trusted.standardError)")
        #expect(try await Workbook.rows(ofZip: zip).count == 301)
        #expect(nginx.requests.contains { $0[1] == "HTTP/2.0" && $0[3] == "200" })
        try await system.stop()

        let round = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ARTIFACTS_URL": "\(base)/round"])
        let circle = try await export(round, ["--title", "round", "--download-ca", certificates.authority])
        #expect(circle.status == 1 && circle.standardError.contains("redirects"), "\(circle.standardError)")
        try await round.stop()
        await nginx.stop()
    }
}
