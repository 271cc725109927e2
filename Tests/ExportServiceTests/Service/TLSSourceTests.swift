import Artifacts
import ExportService
import HTTPFetch
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Sources behind somebody else's TLS server.
@Suite(.timeLimit(.minutes(2))) struct TLSSourceTests {
    private static let rows = 1_000
    private static let pageRows = 50

    private let directory: TemporaryDirectory
    private let authority: TestCertificates

    init() async throws {
        directory = try TemporaryDirectory()
        authority = try await TestCertificates()
        let source = PagedSource(total: Self.rows)
        for page in 1...Self.rows / Self.pageRows {
            try directory.write(source.page(page, limit: Self.pageRows), to: "rows-\(page)")
        }
    }

    private func server(clientAuthority: String? = nil) async throws -> NginxTestServer {
        try await .start(
            serving: directory.path, as: try await authority.issue(), clientAuthority: clientAuthority)
    }

    private func request(_ server: NginxTestServer, credential: String?, title: String = "tls") -> JSONValue {
        var http: JSONValue = [
            "url": .string("https://127.0.0.1:\(server.port)/rows"), "method": "GET", "conn": 8,
            "param": ["limit": .number("\(Self.pageRows)")],
        ]
        if let credential { http = http.setting("credential", .string(credential)) }
        return Sample.http.setting("callback", .null).setting("title", .string(title)).setting("source_http", http)
    }

    private func credentials(
        _ server: NginxTestServer, _ identity: TestCertificates.Identity?, bearer: String? = nil
    ) throws -> SourceCredentials {
        var members: JSONValue = [
            "origins": [.string("https://127.0.0.1:\(server.port)")], "authority": .string(authority.authority),
        ]
        if let identity {
            members = members.setting("certificate", .string(identity.certificate))
                .setting("key", .string(identity.key))
        }
        if let bearer { members = members.setting("bearer", .string(bearer)) }
        return try SourceCredentials(parsing: (["erp": members] as JSONValue).bytes)
    }

    @Test func pagesShareOneConnectionByHTTP2() async throws {
        let server = try await server()
        let known = try credentials(server, nil)
        try await withExports({ $0.credentials = known }) { harness in
            let (detail, _) = try await harness.exported(request(server, credential: "erp"))
            #expect(detail.rows == Self.rows)
        }
        try await eventually("every page in the log") { server.requests.count == Self.rows / Self.pageRows }
        #expect(Set(server.requests.map { $0[1] }) == ["HTTP/2.0"], "\(server.requests)")
        #expect(Set(server.requests.map { $0[0] }).count == 1, "\(server.requests)")
        await server.stop()
    }

    @Test func aCertificateIsShownToItsSourceOnly() async throws {
        let own = try await authority.issue("/CN=exporter", names: ["DNS:exporter.example"], file: "own")
        let server = try await server(clientAuthority: authority.authority)
        let stranger = try await self.server(clientAuthority: authority.authority)
        let known = try credentials(server, own, bearer: "t0ken")
        try await withExports({ $0.credentials = known }) { harness in
            let (detail, _) = try await harness.exported(request(server, credential: "erp"))
            #expect(detail.rows == Self.rows)
            #expect(Set(server.requests.map { $0[2] }) == ["CN=exporter"], "\(server.requests)")
            // Nothing of the files is in the store.
            for file in FileTree.names(in: harness.directory.path) where file.hasPrefix("store") {
                let words = [own.key, own.certificate, "t0ken", "PRIVATE KEY"].flatMap { ["-e", $0] }
                let found = try await runProcess("grep", ["-cF"] + words + [harness.directory.path(file)])
                #expect(found.status == 1, "\(file)")
            }
            let refused = await #expect(throws: RPCError.self) {
                try await harness.submit(request(stranger, credential: "erp"))
            }
            #expect(refused?.details.first?.path == ["source_http", "credential"])
            // Without the credential the authority is not believed.
            let unknown = try await harness.ended(harness.submit(request(server, credential: nil, title: "nobody")))
            #expect(
                unknown.summary.failReason.hasPrefix("page 1: the server's certificate was refused"),
                "\(unknown.summary.failReason)")
        }
        #expect(stranger.requests.isEmpty)
        await server.stop()
        await stranger.stop()
    }

    @Test func aSourceThatWantsACertificateSaysSo() async throws {
        let server = try await server(clientAuthority: authority.authority)
        let known = try credentials(server, nil)
        try await withExports({ $0.credentials = known }) { harness in
            let detail = try await harness.ended(harness.submit(request(server, credential: "erp")))
            #expect(detail.summary.failReason == "page 1: the source answered status 400")
        }
        await server.stop()
    }

    @Test func aKeyThatIsNoneIsToldWithoutItsPath() async throws {
        let server = try await server(clientAuthority: authority.authority)
        let own = try await authority.issue("/CN=exporter", names: ["DNS:exporter.example"], file: "own")
        let wrong = TestCertificates.Identity(certificate: own.certificate, key: try directory.write("?", to: "secret"))
        let known = try credentials(server, wrong)
        try await withExports({ $0.credentials = known }) { harness in
            let detail = try await harness.ended(harness.submit(request(server, credential: "erp")))
            #expect(
                detail.summary.failReason
                    == "page 1: our certificate for this server, its key or its authority cannot be used")
        }
        #expect(server.requests.isEmpty)
        await server.stop()
    }

    @Test(arguments: [
        (#"{"origins":["https://a.example"],"certificate":"/nowhere"}"#, "certificate as the path of a readable file"),
        (
            #"{"origins":["https://a.example"],"authority":"/etc/passwd","key":"/etc/passwd"}"#,
            "certificate and key together"
        ),
        (#"{"origins":["http://a.example"],"authority":"/etc/passwd"}"#, "origins with https"),
        (#"{"origins":["https://a.example"]}"#, "bearer, basic as user:password"),
        (#"{"origins":["https://a.example"],"basic":"user"}"#, "basic as user:password"),
        (#"{"bearer":"x"}"#, "origins, such as"),
    ])
    func aCredentialThatCannotBeUsedIsToldAtTheStart(text: String, words: String) {
        let error = #expect(throws: (any Error).self) {
            try SourceCredentials(parsing: Array(#"{"erp":\#(text)}"#.utf8))
        }
        #expect("\(error!)".hasPrefix("the credential erp: expected ") && "\(error!)".contains(words), "\(error!)")
    }
}
