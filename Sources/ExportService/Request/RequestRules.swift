import HTTPFetch
package import JSONBytes
package import RPC

/// The rules a submitted body has to follow, and the request it means.
///
/// Unknown fields are ignored; all violations are collected. What needs the network (addresses) is decided later, at
/// connect.
package struct RequestRules: Sendable {
    package enum Kind: Sendable {
        /// `POST /v1/export/http`
        case http
        /// `POST /v1/export/raw`
        case raw
    }

    /// Longest `title`, in characters.
    package static let titleCharactersMax = 80
    /// Longest `user_id`, in characters; the document names none.
    package static let userIDCharactersMax = 200

    /// How far `timestamp` may be from the server's clock, in seconds; nil accepts any, because the document's own
    /// samples are from 2021.
    package var freshnessSeconds: Int?
    /// Seconds since 1970, for `freshnessSeconds`.
    package var now: @Sendable () -> Int

    /// What sources may be asked with; nil does not look.
    var credentials: SourceCredentials?
    /// Whether zips can be encrypted: the service has a key to keep their passwords with.
    var takesPasswords = false

    /// Whether shaping is refused that files of the format asked for have no place for. Requests that are kept may have some
    /// from before this rule.
    package var refusesIdleShape = false

    package init(freshnessSeconds: Int? = nil, now: @escaping @Sendable () -> Int = { WallClock.seconds() }) {
        self.freshnessSeconds = freshnessSeconds
        self.now = now
    }

    /// The request that a body means.
    ///
    /// - Parameter found: What is wrong with parts that were looked at elsewhere: the rows of a raw export.
    package func check(
        _ body: JSONValue, _ kind: Kind, found: [RPCViolation] = []
    ) throws(RPCError) -> ExportRequest {
        var fields = RequestFields()
        guard case .object = body else {
            fields.refuse([], "expected an object, found \(body.kindInWords)", type: "model_type")
            throw fields.refusal
        }
        checkTimestamp(of: body, &fields)
        let format = format(of: body, &fields)
        let title = title(of: body, &fields)
        let user = userID(of: body, &fields)
        let callback = callback(of: body, &fields)
        let password = PasswordRules.password(of: body, isKept: takesPasswords, &fields)
        let shape = ShapeRules.shape(of: body, &fields)
        if refusesIdleShape, let format, format != .xlsx { ShapeRules.refuseShape(ofWorkbooks: body, format, &fields) }
        let source: ExportSource? =
            switch kind {
            case .http: HTTPSourceRules.source(of: body, &fields).map(ExportSource.http)
            case .raw: .raw
            }
        if let credentials, case .http(let http)? = source { check(http, credentials, &fields) }
        fields.add(found)
        guard fields.violations.isEmpty, let format, let title, let user, let source else {
            throw fields.refusal
        }
        return ExportRequest(
            format: format, title: title, userID: user, callback: callback, password: password, source: source,
            shape: shape)
    }

    private func check(_ source: HTTPSource, _ known: SourceCredentials, _ fields: inout RequestFields) {
        guard let name = source.credential else { return }
        let path = HTTPSourceRules.path + ["credential"]
        guard let credential = known[name] else {
            fields.refuse(path, "expected the name of a credential of this service, found another", type: "value_error")
            return
        }
        if !credential.isFor(source.url.text) {
            fields.refuse(path, "expected a credential for this source, found one for others", type: "value_error")
        }
    }

    private func checkTimestamp(of body: JSONValue, _ fields: inout RequestFields) {
        let path = ["timestamp"]
        let value = fields.required("timestamp", of: body, at: [])
        guard let seconds = fields.integer(value, at: path, in: 0...Int.max), let freshnessSeconds else { return }
        let age = now().subtractingReportingOverflow(seconds).partialValue.magnitude
        if age > UInt(freshnessSeconds) {
            fields.refuse(
                path, "expected a time within \(freshnessSeconds) s of the server's, found one \(age) s away",
                type: "value_error")
        }
    }

    private func format(of body: JSONValue, _ fields: inout RequestFields) -> ExportFormat? {
        let path = ["ext_type"]
        let value = fields.required("ext_type", of: body, at: [])
        guard let word = fields.text(value, at: path, charactersMax: 16) else { return nil }
        if let format = ExportFormat(rawValue: word.uppercased()) { return format }
        fields.refuse(path, "expected XLSX, CSV, TSV or JSONL, found another word", type: "literal_error")
        return nil
    }

    private func title(of body: JSONValue, _ fields: inout RequestFields) -> String? {
        let value = fields.required("title", of: body, at: [])
        return fields.text(value, at: ["title"], charactersMax: Self.titleCharactersMax)
    }

    /// A string; a number is taken as its text, as real clients send it.
    private func userID(of body: JSONValue, _ fields: inout RequestFields) -> String? {
        let path = ["user_id"]
        guard let value = fields.required("user_id", of: body, at: []) else { return nil }
        var word = value
        if case .number(let text) = value { word = .string(text) }
        return fields.text(word, at: path, charactersMax: Self.userIDCharactersMax)
    }

    /// `callback`, or `call_back` as some clients write it; an empty string means none.
    private func callback(of body: JSONValue, _ fields: inout RequestFields) -> String? {
        for name in ["callback", "call_back"] {
            guard let value = fields.optional(name, of: body), value.string != "" else { continue }
            guard let text = fields.text(value, at: [name], charactersMax: SourceURL.charactersMax) else { return nil }
            do {
                return try SourceURL(text).text
            } catch {
                fields.refuse([name], error.description, type: error.violationType)
                return nil
            }
        }
        return nil
    }
}
