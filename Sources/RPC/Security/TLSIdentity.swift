import NIOSSL

/// A certificate chain and its key, read from PEM files.
struct TLSIdentity {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    private let certificateFile: String

    init(certificateFile: String, keyFile: String) throws(SecurityFileError) {
        self.certificateFile = certificateFile
        chain = try Self.certificates(certificateFile)
        do {
            key = try NIOSSLPrivateKey(bytes: try SmallFile.read(keyFile), format: .pem)
        } catch let error as SecurityFileError {
            throw error
        } catch {
            throw SecurityFileError(keyFile, "expected a private key in PEM, without a password")
        }
    }

    /// The certificates of a PEM file, at least one.
    static func certificates(_ file: String) throws(SecurityFileError) -> [NIOSSLCertificate] {
        let bytes = try SmallFile.read(file)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw SecurityFileError(file, "expected certificates in PEM")
        }
        return certificates
    }

    /// Certificate and key are only together what they should be.
    func context(_ configuration: TLSConfiguration) throws(SecurityFileError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SecurityFileError(certificateFile, "expected a certificate that belongs to the key beside it")
        }
    }
}
