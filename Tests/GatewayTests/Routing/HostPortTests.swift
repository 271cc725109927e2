import Testing

@testable import Gateway

struct HostPortTests {
    @Test(
        "an address is a host and a port",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:0", "::1", 0),
            ("export.internal:65535", "export.internal", 65535),
        ])
    func addresses(text: String, host: String, port: Int) {
        let address = HostPort(text)
        #expect(address == HostPort(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test("anything else is not", arguments: ["", ":1", "a", "a:", "a:65536", "a:-1", "::1:80", "a:b", "a:1:2"])
    func mistakes(text: String) {
        #expect(HostPort(text) == nil)
    }

    @Test("a method belongs to the service in front of its first dot")
    func services() {
        #expect(ServiceName.of(method: "export.job.get") == "export")
        #expect(ServiceName.of(method: "subtract") == "demo")
    }
}
