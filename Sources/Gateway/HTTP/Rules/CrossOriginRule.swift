import NIOCore
import NIOHTTP1

/// What browsers are told about pages of other origins (Fetch standard, 3.3): those of the list may read a façade's
/// answers and send it unsafe requests.
///
/// Credentials are off: keys and tokens travel in fields that a page sets itself. Every answer of such a façade says
/// that it depends on `Origin`, so that no cache hands the answer for one origin to another.
struct CrossOriginRule: Sendable {
    private let allowed: Set<String>
    private let acceptedFields: String

    /// Nil: the façade lets nobody in, and its answers say nothing. A page may send the fields that mean something on every
    /// façade, those in which this one looks for credentials, and those of the settings.
    init?(_ options: FacadeOptions, guarding operations: [CompiledOperation] = []) {
        if options.allowedOrigins.isEmpty { return nil }
        allowed = Set(options.allowedOrigins.map { $0.lowercased() })
        let guarded =
            options.callers.knowsCallers ? operations.flatMap { $0.security ?? SecurityRequirement.usual } : []
        let credentials = guarded.flatMap(\.parts).compactMap(\.scheme.field)
        let named = (usualFields + credentials + options.allowedHeaders).map { $0.lowercased() }
        acceptedFields = Set(named).sorted().joined(separator: ", ")
    }

    /// The fields that every answer to this request has.
    func fields(for head: HTTPRequestHead) -> ByteBuffer {
        guard let origin = allowedOrigin(of: head) else { return ByteBuffer(staticString: "vary: origin\r\n") }
        var fields = ByteBuffer()
        fields.writeString("vary: origin\r\naccess-control-allow-origin: \(origin)\r\n")
        if !isPreflight(head) { fields.writeString("access-control-expose-headers: \(exposedFields)\r\n") }
        return fields
    }

    /// The fields of an answer to OPTIONS, if that asks what a page may send; `allow` are the path's methods.
    func preflightFields(for head: HTTPRequestHead, allow: [String]) -> [(String, String)] {
        guard isPreflight(head), allowedOrigin(of: head) != nil else { return [] }
        return [
            ("access-control-allow-methods", allow.joined(separator: ", ")),
            ("access-control-allow-headers", acceptedFields), ("access-control-max-age", "\(answerSecondsMax)"),
        ]
    }

    /// What the list names is free of control octets, so it may come back in a field.
    private func allowedOrigin(of head: HTTPRequestHead) -> String? {
        head.headers.firstField("origin").map { $0.lowercased() }.flatMap { allowed.contains($0) ? $0 : nil }
    }

    private func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.firstField("access-control-request-method") != nil
    }
}

extension SecurityScheme {
    /// The request field in which a page shows it, lower case. Cookies are not for pages of other origins.
    fileprivate var field: String? {
        switch self {
        case .bearer: "authorization"
        case .apiKey(.header, let name): name
        case .apiKey: nil
        }
    }
}

/// The request fields that mean something on façades, beside those that a page may send anyway.
private let usualFields = [
    "content-type", "idempotency-key", "if-none-match", "if-range", "last-event-id", "range", "traceparent",
    "x-b3-traceid", "x-request-id", "x-timeout-ms",
]

/// The answer fields that a page may read, beside those that it may read anyway.
private let exposedFields = "accept-ranges, content-disposition, content-range, etag, retry-after, x-request-id"

/// How long a browser keeps the answer to a preflight.
private let answerSecondsMax = 600
