/// What listens where, and three lines to try: the greeting of `pailou serve`.
struct EndpointTable {
    private let endpoints: Endpoints

    init(_ endpoints: Endpoints) { self.endpoints = endpoints }

    var text: String {
        var lines = endpoints.facades.sorted { $0.key < $1.key }.map { row("REST \($0.key)", base($0.key, $0.value)) }
        lines += endpoints.rpc.sorted { $0.key < $1.key }.map {
            row("RPC \($0.key)", $0.value + (hasTLS("rpc." + $0.key) ? " (TLS)" : ""))
        }
        if let admin = endpoints.admin { lines.append(row("admin", "http://\(admin)/metrics")) }
        if let export = endpoints.facades["export"] {
            let isGuarded = endpoints.guarded.contains("export")
            lines += ["", isGuarded ? "Try, with a key or token of yours in KEY:" : "Try:"]
            lines += examples(base("export", export), isGuarded: isGuarded)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func hasTLS(_ listener: String) -> Bool { endpoints.tls.contains(listener) }

    private func base(_ facade: String, _ address: String) -> String {
        (hasTLS(facade) ? "https://" : "http://") + address
    }

    private func row(_ name: String, _ address: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 16 - name.count)) + address
    }

    /// Where callers have to show who they are, so has the export that crawls this very façade.
    private func examples(_ export: String, isGuarded: Bool) -> [String] {
        let key = isGuarded ? #" -H "Authorization: Bearer $KEY""# : ""
        let header = isGuarded ? #"{"Authorization":"Bearer '"$KEY"'"}"# : "{}"
        let source = #"{"url":"\#(export)/demo/page","method":"GET","header":\#(header),"param":{"limit":20}}"#
        let request =
            #"{"timestamp":1625106204,"ext_type":"XLSX","title":"demo","user_id":"123","callback":"","#
            + #""source_http":\#(source)}"#
        return [
            "  curl -s\(key) '\(export)/demo/page?page=1&limit=2'",
            "  curl -s\(key) -H 'Content-Type: application/json' \(export)/v1/export/http -d '\(request)'",
            "  curl -s\(key) '\(export)/v1/export/history?user_id=123'",
        ]
    }
}
