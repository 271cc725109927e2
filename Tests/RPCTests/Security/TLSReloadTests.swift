import Foundation
import NIOCore
import RPC
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSReloadTests {
    @Test func `a new certificate is shown to new connections, and no call notices`() async throws {
        let authority = try await TestCertificates()
        let used = try await authority.issue(file: "used")
        let next = try await authority.issue(file: "next")
        let configuration = try await SecureServer.configuration(used)
        let tls = try #require(configuration.tls)
        let trust = try await ClientTLS(authorityFile: authority.authority)
        try await withServer(configuration: configuration, SecureServer.register) { server in
            var client = RPCClientConfiguration()
            client.tls = trust
            let steady = server.client(configuration: client)
            let answered = Shared(0)
            let traffic = Task {
                while !Task.isCancelled {
                    _ = try await steady.call("echo", ByteBuffer(string: "[1]"))
                    answered.change { $0 += 1 }
                }
            }
            try await eventually { answered.value > 10 }
            #expect(try await tls.reload() == false)
            try replace(used.certificate, by: next.certificate)
            try replace(used.key, by: next.key)
            #expect(try await tls.reload())
            let before = answered.value
            #expect(await SecureServer.who(server, tls: trust).text == "null")
            try await eventually { answered.value > before + 10 }
            traffic.cancel()
            await #expect(throws: Never.self) {
                do { try await traffic.value } catch is CancellationError {} catch let error as RPCError {
                    if error.status != .cancelled { throw error }
                }
            }
            await steady.close()
        }
    }

    @Test func `a new certificate that cannot be used leaves the old one, and is told once`() async throws {
        let authority = try await TestCertificates()
        let used = try await authority.issue(file: "used")
        let other = try await authority.issue(file: "other")
        let configuration = try await SecureServer.configuration(used)
        let tls = try #require(configuration.tls)
        let trust = try await ClientTLS(authorityFile: authority.authority)
        try await withServer(configuration: configuration, SecureServer.register) { server in
            // A certificate without its key, garbage, nothing at all.
            try replace(used.certificate, by: other.certificate)
            await #expect(throws: (any Error).self) { try await tls.reload() }
            #expect(try await tls.reload() == false)
            try Data("garbage".utf8).write(to: URL(fileURLWithPath: used.certificate), options: .atomic)
            await #expect(throws: (any Error).self) { try await tls.reload() }
            try FileManager.default.removeItem(atPath: used.certificate)
            await #expect(throws: (any Error).self) { try await tls.reload() }
            #expect(await SecureServer.who(server, tls: trust).text == "null")
            try FileManager.default.copyItem(atPath: other.certificate, toPath: used.certificate)
            try replace(used.key, by: other.key)
            #expect(try await tls.reload())
            #expect(await SecureServer.who(server, tls: trust).text == "null")
        }
    }

    /// As tools that renew certificates do it: a new file takes the old one's name.
    private func replace(_ file: String, by other: String) throws {
        let data = try #require(FileManager.default.contents(atPath: other))
        try data.write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}
