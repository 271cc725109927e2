package import HTTPFetch

/// A URL of a stranger that may be handed on: `http` or `https`, with a host and without credentials.
///
/// It is read by the very parser that later connects. Whether the address behind the host may be reached is decided at
/// connect, never here: a name says nothing about where it leads.
package struct SourceURL: Sendable, Equatable {
    package static let charactersMax = 8_192

    /// The normal form: percent-encoded, without a fragment.
    package let text: String

    /// Scheme, host and port.
    package let origin: String

    package init(_ text: String) throws(HTTPFetchError) {
        let url = try FetchURL(parsing: text)
        self.text = url.text
        origin = url.origin
    }

    /// The URL with these items in its query; items of the same names that it already has give way to them.
    package func replacing(query items: [(name: String, value: String)]) -> String {
        let resource = text.prefix { $0 != "?" }
        let query = text[resource.endIndex...].dropFirst()
        let names = Set(items.map { PercentEncoding.encode($0.name) })
        let kept = query.split(separator: "&").filter { !names.contains(String($0.prefix { $0 != "=" })) }
        let added = items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return "\(resource)?\((kept.map(String.init) + added).joined(separator: "&"))"
    }
}

extension HTTPFetchError {
    /// pydantic's word for a URL that is refused.
    var violationType: String {
        if case .schemeRefused = self { "url_scheme" } else { "url_parsing" }
    }
}
