import HTTPFetch

/// An answer that says no: its status, S3's word for it, and whether asking again can help.
struct S3Refusal {
    /// What of S3's own text is repeated.
    static let messageCharactersMax = 200

    let status: Int
    let code: String?
    private let message: String?
    private let region: String?

    /// nil when the answer is a success. S3 may say 200 at once and put its error into the body afterwards, where it
    /// completes an upload.
    init?(_ response: HTTPFetchResponse, mayHoldError: Bool) {
        let isSuccess = (200..<300).contains(response.status)
        if isSuccess, !mayHoldError { return nil }
        let error = try? XMLReader.read(response.body)
        guard !isSuccess || error?.name == "Error" else { return nil }
        status = response.status
        code = error?["Code"]?.text
        message = error?["Message"]?.text
        region = response.header("x-amz-bucket-region")
    }

    var isRetryable: Bool {
        if FetchRetryRules.isRetryable(status: status) { return true }
        return ["InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted"]
            .contains(code)
    }

    var kind: S3Error.Kind {
        if isRetryable { return .unavailable }
        switch status {
        case 404 where code != "NoSuchBucket" && code != "NoSuchUpload": return .missing
        case 412: return .changed
        default: return .refused
        }
    }

    /// In a sentence's form, for the operator.
    var reason: String {
        if (300..<400).contains(status) {
            let place = region.map { ": it is in the region \($0.prefix(40))" } ?? ""
            return "the bucket is to be asked elsewhere\(place) (status \(status)); redirects are not followed"
        }
        let words = message.map { ": \(Self.printable($0))" } ?? ""
        return "expected success, found status \(status)\(code.map { " \(Self.printable($0))" } ?? "")\(words)"
    }

    private static func printable(_ text: String) -> String {
        String(
            text.prefix(messageCharactersMax).map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? " " : $0 })
    }
}
