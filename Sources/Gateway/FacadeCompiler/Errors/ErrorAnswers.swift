import NIOCore
import RPC

/// How one kind of error is answered.
struct ErrorAnswer: Sendable {
    /// Nil: the error's own HTTP status.
    let status: Int?
    let body: Template
    /// The shape of each element of `$error.details`.
    let detail: Template
}

/// The answers a façade or an operation has for errors, by `STATUS.reason`, `STATUS` or `default`.
struct ErrorAnswers: Sendable {
    private let answers: [String: ErrorAnswer]
    private let fallback: ErrorAnswer

    /// `default` must be among the answers; the compiler reports its absence, so that the plain one is never served.
    init(_ answers: [String: ErrorAnswer]) {
        self.answers = answers
        fallback = answers["default"] ?? ErrorAnswer(status: nil, body: .init(pieces: []), detail: .plainDetail)
    }

    /// The most specific answer there is.
    func answer(for error: RPCError) -> ErrorAnswer {
        guard let status = error.status?.rawValue else { return fallback }
        if let reason = error.reason, let found = answers["\(status).\(reason)"] { return found }
        return answers[status] ?? fallback
    }

    /// Shapes an error; `status` is what HTTP would answer where the façade says nothing.
    func write(_ error: RPCError, status: Int, _ values: TemplateValues) -> HTTPAnswer {
        let answer = answer(for: error)
        var values = values
        values.status = answer.status ?? status
        values.error = error
        values.detailTemplate = answer.detail
        var body = ByteBufferAllocator().buffer(capacity: answer.body.fixedCount + 256)
        answer.body.write(values, to: &body)
        return HTTPAnswer(status: values.status, headers: headers(of: error), body: body)
    }

    /// Retry-After counts whole seconds, so a shorter wait becomes one.
    private func headers(of error: RPCError) -> [(String, String)] {
        guard let wait = error.retryAfter else { return HTTPAnswer.jsonHeaders }
        let (seconds, attoseconds) = wait.components
        return HTTPAnswer.jsonHeaders + [("retry-after", "\(max(1, seconds + (attoseconds > 0 ? 1 : 0)))")]
    }
}
