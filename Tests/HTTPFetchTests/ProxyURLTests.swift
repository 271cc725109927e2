import HTTPFetch
import Testing

@Suite("proxy URLs") struct ProxyURLTests {
    @Test(arguments: [
        ("http://proxy", "proxy", "http://proxy"), ("HTTPS://Proxy:443/", "proxy", "https://proxy:443"),
        ("socks5h://user:p%40ss@proxy:1080", "proxy", "socks5h://proxy:1080"),
        ("socks5://[::1]:1080", "::1", "socks5://[::1]:1080"),
    ])
    func areShownWithoutCredentials(text: String, host: String, shown: String) throws {
        let url = try ProxyURL(parsing: text)
        #expect(url.host == host && url.shown == shown)
    }

    @Test(arguments: [
        "", "proxy:3128", "ftp://pass@proxy", "http://", "http://proxy:99999", "http://proxy/pass", "http://proxy?pass",
        "http://u:pass#x@proxy", "http://u:pass/x@proxy", "http://u:pass word@proxy", "http://prox\u{e9}",
    ])
    func thatAreNoneAreRefusedAndNotRepeated(text: String) {
        let error = #expect(throws: HTTPFetchError.self) { try ProxyURL(parsing: text) }
        let reason = error?.description.split(separator: "1080: ").last
        #expect(reason?.contains("pass") == (reason?.contains("a password has to be")))
    }
}
