import Crypto
package import JSONBytes

/// The public name of an export: the MD5 of the request in canonical JSON, in lower-case hexadecimal digits.
///
/// The document's samples are MD5 texts. It names, it does not protect: the same body has the same key, so that a
/// client that submits twice gets the first export.
package struct HashKey: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init(of body: JSONValue) {
        self.init(ofCanonical: body.canonicalBytes)
    }

    package init(ofCanonical bytes: [UInt8]) {
        self.init(Insecure.MD5.hash(data: bytes))
    }

    /// The key of a canonical text that was hashed piece by piece.
    init(_ digest: Insecure.MD5.Digest) {
        text = digest.hexadecimal
    }

    /// A key somebody sent; nil when it cannot be one.
    package init?(_ text: String) {
        guard Self.isKey(text.utf8) else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// True for 32 lower-case hexadecimal digits.
    package static func isKey(_ octets: some Collection<UInt8>) -> Bool {
        octets.count == 32
            && octets.allSatisfy { octet in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet)
            }
    }
}
