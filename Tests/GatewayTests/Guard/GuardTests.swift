import Gateway
import NIOCore
import RPC
import TestSupport
import Testing

@testable import Gateway

@Suite struct CallerRatesTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func `a caller has its burst, then its rate`() {
        var rates = CallerRates(limit: RateLimit(count: 10, per: .seconds(1), burst: 3), callersMax: 100)
        for _ in 1...3 { #expect(rates.take("a", now: Self.start) == nil) }
        #expect(rates.take("a", now: Self.start) == .milliseconds(100))
        #expect(rates.take("a", now: Self.start + .milliseconds(99)) == .milliseconds(1))
        #expect(rates.take("a", now: Self.start + .milliseconds(100)) == nil)
        #expect(rates.take("b", now: Self.start) == nil)
        for _ in 1...3 { #expect(rates.take("a", now: Self.start + .seconds(60)) == nil) }
        #expect(rates.take("a", now: Self.start + .seconds(60)) != nil)
    }

    @Test func `a caller that goes on without pause gets its rate and no more`() {
        var rates = CallerRates(limit: RateLimit("100/s")!, callersMax: 10)
        var taken = 0
        for millisecond in 0..<10_000 where rates.take("a", now: Self.start + .milliseconds(Int64(millisecond))) == nil
        {
            taken += 1
        }
        #expect((1_090...1_100).contains(taken), "\(taken)")
    }

    @Test func `many callers do not grow the table, and who calls on is not forgotten`() {
        var rates = CallerRates(limit: RateLimit(count: 1, per: .hours(1)), callersMax: 1_000)
        for number in 0..<100_000 {
            #expect(rates.take("stranger \(number)", now: Self.start) == nil)
            if number.isMultiple(of: 100) { _ = rates.take("regular", now: Self.start + .hours(Int64(number / 100))) }
            #expect(rates.count <= 1_000)
        }
        #expect(rates.take("stranger 99999", now: Self.start) != nil)
    }

    @Test(arguments: ["", "1", "0/s", "-1/s", "1/d", "x/s", "1/s/s", "1000001/s"])
    func `a rate is a count and a period`(text: String) {
        #expect(RateLimit(text) == nil)
    }

    @Test func `one subscriber's IPv6 addresses are one caller`() {
        #expect(RateKey.address("2001:db8:1:2::1").text == RateKey.address("2001:db8:1:2:ffff::9").text)
        #expect(RateKey.address("2001:db8:1:2::1").text != RateKey.address("2001:db8:1:3::1").text)
        #expect(RateKey.address("::ffff:10.0.0.1").text != RateKey.address("::ffff:10.0.0.2").text)
        #expect(RateKey.address("10.0.0.1").text != RateKey.principal("10.0.0.1").text)
    }
}

@Suite struct Base64URLTests {
    @Test(arguments: [("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("_-8", "\u{FF}\u{EF}")])
    func `what RFC 4648 says is read`(text: String, octets: String) {
        #expect(Base64URL.decode(text) == octets.unicodeScalars.map { UInt8($0.value) })
    }

    @Test(arguments: ["Z", "Zg=", "Zg==", "Zh", "Zm9", "Z g", "+/8", "Zm9v\n", "é"])
    func `anything else is not`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}

@Suite struct JWTKeyFileTests {
    @Test(arguments: [
        "", "{}", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}"#,
        #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#,
        #"{"keys":[{"kty":"oct","alg":"none","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ]) func `a file without a good key is refused, and nothing of it is told`(text: String) async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "keys")
        let error = await #expect(throws: SecurityFileError.self) { try await JWTKeyFile(path: path).keys() }
        #expect(error?.description.hasPrefix(path) == true)
        #expect(error?.description.contains("MDEyMz") == false)
    }

    @Test(arguments: ["RSA -pkeyopt rsa_keygen_bits:2048", "EC -pkeyopt ec_paramgen_curve:P-256", "ED25519"])
    func `public keys in PEM are read, each for its one algorithm`(kind: String) async throws {
        let directory = try TemporaryDirectory()
        let words = kind.split(separator: " ").map(String.init)
        try await runSuccessfully(
            "openssl", ["genpkey", "-algorithm"] + words + ["-out", directory.path("key")])
        try await runSuccessfully(
            "openssl", ["pkey", "-in", directory.path("key"), "-pubout", "-out", directory.path("public")])
        let keys = try await JWTKeyFile(path: directory.path("public")).keys()
        #expect(keys.map(\.algorithm.rawValue) == [["RSA": "RS256", "EC": "ES256", "ED25519": "EdDSA"][words[0]]!])
        #expect(!keys[0].fits(algorithm: "HS256", id: nil))
    }
}

@Suite(.timeLimit(.minutes(1))) struct GuardAttackTests {
    @Test func `credentials of any size and shape are refused and kept nowhere`() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("ci \(TokenHash(of: "right").hex)\n", to: "keys")
        let keys = try await TokenFile(path: path)
        try await GatewayHarness.run(configure: { $0.facades["test"] = .guarded(keys) }) { harness in
            let shown = [
                "", "Bearer", "Bearer ", "Bearer right right", "bearer",
                "Bearer \(String(repeating: "x", count: 12_000))",
                "Bearer a.b.c", "Bearer ..", "Bearer \(String(repeating: ".", count: 5_000))", "Basic right", "right",
                "Bearer Right", "Bearer righ", "Bearer right\u{B}",
            ]
            for text in shown {
                let answer = try await harness.ask(request("GET /records/1", fields: ["authorization: \(text)"]))
                #expect(answer.status == 401 || answer.status == 400, "\(text.prefix(20)): \(answer.status)")
                #expect(!answer.text.contains("right"))
            }
            #expect(harness.log.started.isEmpty)
            let good = try await harness.ask(request("GET /records/1", fields: ["authorization: Bearer right"]))
            #expect(good.status == 200)
        }
    }

    @Test func `a body is not waited for before the caller is known`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try await TokenFile(path: directory.write("ci \(TokenHash(of: "right").hex)\n", to: "keys"))
        try await GatewayHarness.run(configure: { $0.facades["test"] = .guarded(keys) }) { harness in
            let client = try await harness.connect()
            try await client.send(
                "POST /echo HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 50000000\r\n"
                    + "expect: 100-continue\r\n\r\n")
            #expect(try await client.read(until: "\r\n").contains("401"))
            await client.close()
        }
    }

    @Test func `a key taken from the file is refused from then on`() async throws {
        let directory = try TemporaryDirectory()
        let keys = try await TokenFile(path: directory.write("ci \(TokenHash(of: "right").hex)\n", to: "keys"))
        try await GatewayHarness.run(configure: { $0.facades["test"] = .guarded(keys) }) { harness in
            let asked = request("GET /records/1", fields: ["x-api-key: right"])
            let before = try await harness.ask(asked)
            #expect(before.status == 200)
            try directory.write("ci \(TokenHash(of: "other").hex)\n", to: "keys")
            #expect(try await keys.reload())
            let after = try await harness.ask(asked)
            #expect(after.status == 401)
        }
    }
}

extension FacadeOptions {
    fileprivate static func guarded(_ keys: TokenFile) -> FacadeOptions {
        var options = FacadeOptions()
        options.callers.keys = keys
        return options
    }
}
