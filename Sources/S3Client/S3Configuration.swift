/// Where a store is, how it is asked, and what that may cost.
package struct S3Configuration: Sendable {
    /// `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9000`: scheme, host, and port unless it is the scheme's.
    package var endpoint: String
    package var region: String
    package var bucket: String
    /// The bucket in the path and not in the host's name, as stores of one's own want it.
    package var usesPathStyle: Bool
    /// A PEM file of certificate authorities trusted instead of the system's.
    package var certificateAuthorityFile: String?

    /// Octets of one part of an upload; a file of no more is sent whole. S3's least is 5 MiB.
    package var partBytes = 8 << 20
    /// Parts of one upload that are under way at once.
    package var partsAtOnce = 4
    /// How long one request may take.
    package var requestDuration: Duration = .seconds(120)
    /// Octets of an answer that is XML.
    package var answerBytesMax = 8 << 20
    package var retries = S3Retries()

    package init(endpoint: String, region: String, bucket: String, usesPathStyle: Bool) {
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.usesPathStyle = usesPathStyle
    }

    /// Most parts S3 takes for one object.
    package static let partsMax = 10_000

    /// The parts' size for a file: larger than the setting's when it would need too many.
    func partBytes(of size: Int) -> Int { max(partBytes, (size + Self.partsMax - 1) / Self.partsMax) }

    /// Scheme and host of every request.
    var origin: String {
        guard !usesPathStyle, let range = endpoint.firstRange(of: "://") else { return endpoint }
        return "\(endpoint[..<range.upperBound])\(bucket).\(endpoint[range.upperBound...])"
    }

    /// The path of a key, or of the bucket for "".
    func path(_ key: String) -> String { usesPathStyle ? "/\(bucket)/\(key)" : "/\(key)" }
}

/// When a request is made again: overload, failures of the store and of the way to it.
package struct S3Retries: Sendable {
    package var triesMax = 5
    /// The first wait; each further one is twice as long, and chance takes any share of it.
    package var delayFirst: Duration = .milliseconds(100)
    package var delayMax: Duration = .seconds(10)
    /// The longest wait the store can ask for by Retry-After.
    package var retryAfterMax: Duration = .seconds(30)

    package init() {}

    /// The wait after that many failed tries; nil when there have been enough.
    ///
    /// - Parameter chance: From 0 to 1.
    func delay(afterTries tries: Int, asked: Duration?, chance: Double) -> Duration? {
        guard tries < triesMax else { return nil }
        let longest = min(delayFirst * (1 << min(tries - 1, 20)), delayMax)
        return max(longest * chance, min(asked ?? .zero, retryAfterMax))
    }
}
