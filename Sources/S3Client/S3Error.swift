/// Why an operation on a store failed. Texts hold no secret and no query.
package struct S3Error: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No object of this name.
        case missing
        /// The object is another one than it was.
        case changed
        /// The store may well do it later: it is overloaded, cannot be reached, or answers nonsense.
        case unavailable
        /// The store will refuse it again: credentials, rights, bucket, region.
        case refused
        /// The file that was to be sent cannot be read.
        case source
        case cancelled
    }

    package var kind: Kind
    /// What was tried, such as `put 202611/21/x.zip`.
    package var operation: String
    package var reason: String
    /// S3's own word, such as `NoSuchBucket`.
    package var code: String?

    package var description: String { "cannot \(operation): \(reason)" }
}
