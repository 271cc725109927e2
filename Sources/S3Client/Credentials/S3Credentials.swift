/// A key to a store. Never printed: its description holds nothing of it.
package struct S3Credentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package var accessKey: String
    package var secretKey: String
    /// Of temporary credentials only.
    package var sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    package var description: String { "S3Credentials" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
