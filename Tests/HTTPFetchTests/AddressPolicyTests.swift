import HTTPFetch
import TestSupport
import Testing

@Suite("Which addresses may be reached")
struct AddressPolicyTests {
    @Test(
        "local, private and reserved addresses are refused in every form",
        arguments: [
            "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.0",
            "192.0.0.255", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "224.0.0.1",
            "239.255.255.255", "240.0.0.0", "255.255.255.255",
            "::", "::1", "::2", "::127.0.0.1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1",
            "ff02::1",
            "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
            "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "0:0:0:0:0:ffff:a00:1",
        ])
    func denied(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy(setting: "x").decide(ip: address, port: 80, host: "a.example") == .denied)
    }

    @Test(
        "public addresses pass, also those next to a refused block",
        arguments: [
            "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
            "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
            "2001:4860:4860::8888", "2606:4700::1", "2003::1", "64:ff9a::1", "fbff::1", "::1:0:0",
        ])
    func allowed(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy(setting: "x").decide(ip: address, port: 80, host: "a.example") == .allowed)
    }

    @Test(
        "the allow-list wins over the refused blocks",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1", true),
            ("127.0.0.1:8080", "127.0.0.1", 8080, "anything.example", true),
            ("127.0.0.1:8080", "::ffff:127.0.0.1", 8080, "::ffff:7f00:1", true),
            ("127.0.0.1:8080", "127.0.0.1", 8081, "127.0.0.1", false),
            ("127.0.0.1:8080", "127.0.0.2", 8080, "127.0.0.2", false),
            ("localhost:8080", "127.0.0.1", 8080, "localhost", true),
            ("LocalHost:8080", "::1", 8080, "LOCALHOST", true),
            ("localhost:8080", "127.0.0.1", 8080, "127.0.0.1", false),
            ("[::1]:9", "::1", 9, "::1", true),
            ("10.1.0.0/16", "10.1.255.1", 1, "x", true),
            ("10.1.0.0/16", "10.2.0.1", 1, "x", false),
            ("10.1.0.0/16", "::ffff:10.1.0.1", 1, "x", true),
            ("10.1.2.3", "10.1.2.3", 65_535, "x", true),
            ("0.0.0.0/0", "169.254.169.254", 80, "x", true),
            ("0.0.0.0/0", "::1", 80, "x", false),
            ("fd00::/8", "fd12::1", 443, "x", true),
            ("::/0", "::1", 443, "x", true),
            ("::/0", "::ffff:127.0.0.1", 443, "x", false),
            ("64:ff9b::/96", "64:ff9b::8.8.8.8", 443, "x", true),
        ] as [(String, String, Int, String, Bool)])
    func allowList(entry: String, address: String, port: Int, host: String, isAllowed: Bool) throws {
        let policy = try AddressPolicy(parsing: [entry])
        let decision = policy.decide(ip: try #require(IPAddress(address)), port: port, host: host)
        #expect(decision == (isAllowed ? .allowed : .denied))
    }

    @Test(
        "entries of neither form are refused with a word about both",
        arguments: [
            "localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:http", ":80", "::1:80x",
            "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "http://localhost:80", "a b:80", "[localhost]:80",
            "[::1]", "*:80", "/8",
        ])
    func badEntries(entry: String) {
        let error = #expect(throws: AddressPolicyError.self) { try AddressPolicy(parsing: ["127.0.0.1:1", entry]) }
        #expect(error?.description.contains("host:port or a CIDR block") == true)
        #expect(error?.description.contains("127.0.0.1:8080") == true)
    }

    @Test("empty entries and white space around entries do no harm")
    func emptyEntries() throws {
        #expect(try AddressPolicy(parsing: ["", "  ", " 10.0.0.0/8 "]).allowed.count == 1)
    }

    @Test("addresses are written in their normal form")
    func description() {
        #expect("\(IPAddress("0:0::0:1")!)" == "::1")
        #expect("\(IPAddress("127.0.0.1")!)" == "127.0.0.1")
        #expect(IPAddress("127.1") == nil)
        #expect(IPAddress("") == nil)
        #expect(IPAddress("::1\0") == nil)
    }
}
