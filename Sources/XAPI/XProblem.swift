import HTTPFetch
import JSONBytes

/// The API's problem documents, as failures.
enum XProblem {
    /// What the `errors` of an answer without data mean; nil for none.
    static func failure(_ errors: [JSONValue]) -> XAPIFailure? {
        guard let error = errors.first else { return nil }
        let text = text(error)
        let type = error["type"]?.string ?? ""
        if withoutValues(text).lowercased().contains("suspended") { return .suspended(text) }
        if type.hasSuffix("not-authorized-for-resource") { return .protected(text) }
        if type.hasSuffix("resource-not-found") { return .notFound(text) }
        return .refused(text)
    }

    /// The API repeats in brackets what it was asked for: users choose their names themselves.
    private static func withoutValues(_ text: String) -> String { text.replacing(/\[[^\]]*\]/, with: "") }

    /// What a status other than 200 means; nil for those that may be tried again.
    static func failure(_ response: HTTPFetchResponse, _ answer: JSONValue?) -> XAPIFailure? {
        let text = answer.map(text) ?? "status \(response.status)"
        switch response.status {
        case 401: return .auth(text)
        case 402: return .credits(text)
        case 403: return .forbidden(text)
        case 404: return .notFound(text)
        case 429:
            if isUsageCap(answer) { return .usageCap(text) }
            return .rateLimited(resetAt: response.header("x-rate-limit-reset").flatMap { Int($0) })
        case 408, 425, 500...599: return nil
        default: return .refused(text)
        }
    }

    /// Whether the API does not know the words of this dialect.
    static func names(_ dialect: XDialect, _ body: [UInt8]) -> Bool {
        let text = String(decoding: body.prefix(16_384), as: UTF8.self)
        return dialect.ownWords.contains { text.contains($0) }
    }

    private static func isUsageCap(_ answer: JSONValue?) -> Bool {
        answer?["title"]?.string == "UsageCapExceeded" || answer?["type"]?.string?.hasSuffix("usage-capped") == true
    }

    /// The sentence for people, at most 300 characters.
    private static func text(_ problem: JSONValue) -> String {
        let first = problem["errors"]?.elements?.first
        let text =
            problem["detail"]?.string ?? first?["message"]?.string ?? first?["detail"]?.string
            ?? problem["title"]?.string ?? "the API gives no reason"
        return String(text.prefix(300))
    }
}
