package import HTTPFetch
import Crypto
import Glibc

/// Talks to an S3-compatible store: signs, sends, tries again, reads answers.
///
/// Redirects are never followed: a signature belongs to one host, and a store that names another is misconfigured.
package final class S3Client: Sendable {
    package let configuration: S3Configuration
    private let credentials: S3CredentialSource
    private let http: any HTTPFetcher
    private let now: @Sendable () -> Int
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - sleep: Waits between tries.
    package init(
        configuration: S3Configuration, credentials: S3CredentialSource, http: any HTTPFetcher,
        now: @escaping @Sendable () -> Int = { time(nil) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.http = http
        self.now = now
        self.sleep = sleep
    }

    /// A link by which anybody can read an object until its time is over.
    ///
    /// - Parameter query: What the store is to answer with, such as `response-content-disposition`.
    package func link(to key: String, query: [(name: String, value: String)], lasting seconds: Int) -> String {
        signer.link(to: request("GET", key, query: query), lasting: seconds, at: now())
    }

    func request(
        _ method: String, _ key: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = []
    ) -> S3Request {
        S3Request(
            method, origin: configuration.origin, path: configuration.path(key), query: query, headers: headers)
    }

    private var signer: S3Signer { S3Signer(credentials: credentials.current, region: configuration.region) }

    /// Sends a request until it succeeds, is refused, or there have been enough tries; each is signed anew.
    func send(_ call: S3Call) async throws(S3Error) -> HTTPFetchResponse {
        var tries = 0
        while true {
            tries += 1
            let fault: S3Error
            var asked: Duration?
            do throws(HTTPFetchError) {
                let response = try await http.fetch(fetchRequest(call))
                guard let refusal = S3Refusal(response, mayHoldError: call.mayHoldError) else { return response }
                fault = S3Error(
                    kind: refusal.kind, operation: call.operation, reason: refusal.reason, code: refusal.code)
                asked = response.retryAfter(now: now())
            } catch {
                fault = S3Error(error, operation: call.operation)
            }
            guard fault.kind == .unavailable,
                let delay = configuration.retries.delay(
                    afterTries: tries, asked: asked, chance: .random(in: 0...1))
            else { throw fault }
            do {
                try await sleep(delay)
            } catch {
                throw S3Error(kind: .cancelled, operation: call.operation, reason: "it was cancelled")
            }
        }
    }

    private func fetchRequest(_ call: S3Call) -> HTTPFetchRequest {
        var limits = HTTPFetchLimits(
            bodyBytesMax: call.answerBytesMax ?? configuration.answerBytesMax, timeout: configuration.requestDuration)
        limits.lowSpeedBytesPerSecond = 1_024
        let headers = signer.headers(for: call.request, payload: call.payloadHash, at: now())
        return HTTPFetchRequest(
            method: call.request.method, url: call.request.url, headers: headers, body: call.body,
            upload: call.upload, limits: limits, policy: nil, acceptsCompression: false)
    }
}

/// A request with its body, what it is for, and what its answer may be.
struct S3Call {
    var request: S3Request
    /// For messages.
    var operation: String
    var body: [UInt8]?
    var upload: HTTPUpload?
    /// The SHA-256 of the body.
    var payloadHash: String
    /// nil: as for every answer that is XML.
    var answerBytesMax: Int?
    /// A success may turn out to be a failure by its body.
    var mayHoldError = false

    init(_ request: S3Request, operation: String, body: [UInt8]? = nil) {
        self.request = request
        self.operation = operation
        self.body = body
        payloadHash = SHA256.hash(data: body ?? []).hexadecimalText
    }

    init(_ request: S3Request, operation: String, upload: HTTPUpload, payloadHash: String) {
        self.request = request
        self.operation = operation
        self.upload = upload
        self.payloadHash = payloadHash
    }
}

extension S3Error {
    /// The store could not be asked.
    init(_ error: HTTPFetchError, operation: String) {
        let kind: Kind =
            switch error {
            case .uploadFailed: .source
            case .cancelled, .shutDown: .cancelled
            case .certificateRefused, .invalidURL, .schemeRefused, .invalidMethod, .invalidHeader, .addressDenied:
                .refused
            default: .unavailable
            }
        self.init(kind: kind, operation: operation, reason: error.description)
    }
}
