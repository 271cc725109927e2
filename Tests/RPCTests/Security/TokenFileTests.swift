import RPC
import TestSupport
import Testing

@Suite struct TokenFileTests {
    private static let hash = TokenHash(of: "secret").hex

    @Test func `the hash is SHA-256`() {
        #expect(TokenHash(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `a line names a caller, a hash and scopes`() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "# comment\n\n  ci\t\(Self.hash.uppercased())  read write \r\nci \(TokenHash(of: "new").hex)", to: "tokens")
        let tokens = try await TokenFile(path: path)
        #expect(tokens.entry(of: "secret")?.name == "ci")
        #expect(tokens.entry(of: "secret")?.scopes == ["read", "write"])
        #expect(tokens.entry(of: "new")?.scopes == [])
        for wrong in ["", "secre", "secret ", "SECRET", Self.hash, String(repeating: "s", count: 513)] {
            #expect(tokens.entry(of: wrong) == nil)
        }
    }

    @Test(arguments: [
        ("ci", ":1: expected NAME and"), ("# \n\nci abc", ":3: expected NAME and"),
        ("c/i \(hash)", ":1: expected a name"), ("a \(hash)\nb \(hash)", "expected each hash once"),
        (String(repeating: "x", count: 65) + " \(hash)", ":1: expected a name"),
    ]) func `a mistake is told with its line, without the hash`(text: String, message: String) async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "tokens")
        let error = await #expect(throws: SecurityFileError.self) { try await TokenFile(path: path) }
        let told = error?.description ?? ""
        #expect(told.hasPrefix(path) && told.contains(message) && !told.contains(Self.hash), "\(told)")
    }

    @Test func `a file that is not there or too long is no file of tokens`() async throws {
        let directory = try TemporaryDirectory()
        await #expect(throws: SecurityFileError.self) { try await TokenFile(path: directory.path("none")) }
        let many = (0...1000).map { "t\($0) \(TokenHash(of: "\($0)").hex)\n" }.joined()
        let path = try directory.write(many, to: "many")
        await #expect(throws: SecurityFileError.self) { try await TokenFile(path: path) }
    }
}
