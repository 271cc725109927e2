/// An authority of a test's own and the certificates it gives, made by `openssl` in a temporary directory.
package final class TestCertificates: Sendable {
    private let directory: TemporaryDirectory
    private let name: String

    /// The authority's certificate.
    package var authority: String { directory.path("\(name).pem") }

    /// Certificate chain and key of one side.
    package struct Identity: Sendable {
        package let certificate: String
        package let key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Makes the authority.
    package init(name: String = "authority") async throws {
        self.name = name
        directory = try TemporaryDirectory(prefix: "pailou-certificates")
        try await openSSL(
            ["req", "-x509"] + Self.newKey + [
                "-days", "2", "-subj", "/CN=pailou test \(name)", "-keyout", "\(name).key",
            ]
                + ["-addext", "keyUsage=critical,keyCertSign", "-out", "\(name).pem"])
    }

    /// A certificate for these names, such as `IP:127.0.0.1` and `DNS:localhost`.
    ///
    /// - Parameter days: how long it holds; of a negative number the last has passed.
    package func issue(
        _ subject: String = "/CN=server", names: [String] = ["IP:127.0.0.1", "DNS:localhost"], days: Int = 2,
        file: String = "server"
    ) async throws -> Identity {
        try await openSSL(["req"] + Self.newKey + ["-subj", subject, "-keyout", "\(file).key", "-out", "\(file).csr"])
        try directory.write("subjectAltName=\(names.joined(separator: ","))\n", to: "\(file).ext")
        try await openSSL(
            ["x509", "-req", "-in", "\(file).csr", "-CA", "\(name).pem", "-CAkey", "\(name).key", "-CAcreateserial"]
                + ["-extfile", "\(file).ext", "-days", "\(days)", "-out", "\(file).pem"])
        return Identity(certificate: directory.path("\(file).pem"), key: directory.path("\(file).key"))
    }

    /// The path of another file beside the certificates.
    package func path(_ name: String) -> String { directory.path(name) }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func openSSL(_ arguments: [String]) async throws {
        try await runSuccessfully("openssl", arguments, workingDirectory: directory.path)
    }
}
