/// Where listeners are documented to be, `HOST:PORT`; façades say it in their own documents.
enum DocumentedAddresses {
    static let admin = "127.0.0.1:8088"
    /// The gateway's own RPC port, which routes every method.
    static let gateway = "127.0.0.1:7100"
    /// The RPC ports of the services that are part of the product.
    static let services = ["export": "127.0.0.1:7101", "scrape": "127.0.0.1:7102", "demo": "127.0.0.1:7107"]
}
