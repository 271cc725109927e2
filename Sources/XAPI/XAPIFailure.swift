/// Why the API gave no page.
///
/// The texts are the API's own where it says something; never a credential.
package enum XAPIFailure: Error, Hashable, Sendable {
    /// Too many calls of this endpoint; the second since 1970 in which the next window begins, if the API says it.
    case rateLimited(resetAt: Int?)
    /// What the credential may read in a month is spent.
    case usageCap(String)
    /// The account has no credits left.
    case credits(String)
    /// The credential is not accepted.
    case auth(String)
    /// The credential may not do this.
    case forbidden(String)
    case notFound(String)
    /// The user shows posts to followers only.
    case protected(String)
    case suspended(String)
    /// No answer, or one of a server in trouble; the tries are used up.
    case network(String)
    /// The API refuses the request as such.
    case refused(String)
    case cancelled

    /// The word that leads an execution's `error_message`.
    package var reason: String {
        switch self {
        case .rateLimited: "RATE_LIMIT"
        case .usageCap: "USAGE_CAP"
        case .credits: "CREDITS"
        case .auth: "AUTH"
        case .forbidden: "FORBIDDEN"
        case .notFound: "NOT_FOUND"
        case .protected: "PROTECTED"
        case .suspended: "SUSPENDED"
        case .network: "NETWORK"
        case .refused: "REFUSED"
        case .cancelled: "CANCELLED"
        }
    }
}

extension XAPIFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rateLimited: "\(reason): the API refuses further calls"
        case .usageCap(let text), .credits(let text), .auth(let text), .forbidden(let text), .notFound(let text),
            .protected(let text), .suspended(let text), .network(let text), .refused(let text):
            "\(reason): \(text)"
        case .cancelled: "the request was cancelled"
        }
    }
}
