import ExportService
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Download links that are signed and expire.
@Suite struct SignedLinkTests {
    private let clock = ManualClock()

    /// Links that work for a minute by the test's own clock.
    private func withSignedLinks(_ body: (ExportHarness) async throws -> Void) async throws {
        let clock = clock
        let signer = LinkSigner(key: Array(repeating: 7, count: 32), duration: .seconds(60)) {
            1_700_000_000 + Int(clock.now.offset.components.seconds)
        }
        try await withExports({ $0.links = signer }, body)
    }

    private func refusal(_ harness: ExportHarness, _ link: String) async -> RPCError? {
        await #expect(throws: RPCError.self, "\(link)") { try await harness.download(path: link) }
    }

    @Test func aLinkWorksUntilItExpiresAndTheDetailGivesANewOne() async throws {
        try await withSignedLinks { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            let detail = try await harness.ended(key)
            #expect(detail.downURL.contains(".zip?expires=1700000060&signature="))
            #expect(detail.linkExpiresAt == WallClock.text(milliseconds: 1_700_000_060_000))
            clock.advance(by: .seconds(60))
            #expect(try await harness.download(detail).octets.count == detail.bytes)
            clock.advance(by: .seconds(1))
            let error = await refusal(harness, detail.downURL)
            #expect(error?.status == .permissionDenied && error?.reason == "link_expired")
            #expect(try await harness.download(harness.detail(key)).octets.count == detail.bytes)
        }
    }

    @Test func noOtherLinkWorks() async throws {
        try await withSignedLinks { harness in
            let first = try await harness.ended(harness.submit(Sample.raw, ExportMethods.submitRaw)).downURL
            let other = Sample.raw.setting("title", "another")
            let second = try await harness.ended(harness.submit(other, ExportMethods.submitRaw)).downURL
            let bare = String(first.prefix { $0 != "?" })
            let signature = String(first.suffix(64))
            let forged = [
                bare, "\(bare)?expires=1700000060", "\(bare)?signature=\(signature)",
                "\(bare)?expires=1700000061&signature=\(signature)", "\(bare)?expires=-1&signature=\(signature)",
                "\(bare)?\(second.drop { $0 != "?" }.dropFirst())",
                "\(bare)?expires=1700000060&signature=", "\(bare)?expires=1700000060&signature=\(signature.dropLast())",
                "\(bare)?expires=1700000060&signature=\(signature.uppercased())",
                "\(bare)?expires=1700000060&signature=\(signature)00",
                "\(bare)?expires=1700000060&signature=\(String(repeating: "0", count: 64))",
                // Files that are not there are no exception, so nobody can ask which are.
                bare.replacing("/v1/down/20", with: "/v1/down/19"),
            ]
            for link in forged {
                let error = await refusal(harness, link)
                #expect(error?.status == .permissionDenied && error?.reason == "signature", "\(link)")
            }
            #expect(try await harness.download(path: first).octets.isEmpty == false)
        }
    }

    @Test func aCallbackBringsALinkThatWorks() async throws {
        let receiver = try await HTTPTestServer { _ in .text("ok") }
        try await withSignedLinks { harness in
            let body = Sample.raw.setting("callback", .string(receiver.url))
            _ = try await harness.submit(body, ExportMethods.submitRaw)
            try await eventually("the callback") { receiver.requests.count == 1 }
            let told = try JSONValue(parsing: receiver.requests[0].body)
            let link = try #require(told["down_url"]?.string)
            #expect(told["link_expires_at"]?.string == WallClock.text(milliseconds: 1_700_000_060_000))
            #expect(told["progress"]?["rows"] == 1 && told["progress"]?["total_rows"] == 1)
            #expect(try await harness.download(path: link).octets.count == told["file"]?["bytes"]?.integer)
        }
        await receiver.close()
    }

    @Test func unsignedLinksLookAsDocumented() async throws {
        try await withExports { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            let detail = try await harness.ended(key)
            #expect(detail.downURL.hasSuffix(".zip"))
            let members = try await harness.call(ExportMethods.get.name, ["key": .string(key)]).members
            #expect(members?.contains { $0.key == "link_expires_at" } == false)
            // A link that was signed once still works when signing is off.
            #expect(
                try await harness.download(path: detail.downURL + "?expires=1&signature=00").octets.isEmpty == false)
        }
    }
}
