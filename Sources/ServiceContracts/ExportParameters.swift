/// The answer to a submitted export.
public struct ExportKey: Codable, Sendable, Hashable {
    /// The export's public name; the same for the same body.
    public var hashKey: String

    /// The answer with a key.
    public init(hashKey: String) {
        self.hashKey = hashKey
    }

    enum CodingKeys: String, CodingKey {
        case hashKey = "hash_key"
    }
}

/// Names one export.
public struct ExportKeyParameters: Codable, Sendable, Hashable {
    /// Its `hash_key`.
    public var key: String

    /// The export with this `hash_key`.
    public init(key: String) {
        self.key = key
    }
}

/// Which zip, and what proves that one may have it: the parts of a `down_url`.
public struct ExportArtifactParameters: Codable, Sendable, Hashable {
    /// Year and month, six digits.
    public var month: String
    /// Two digits.
    public var day: String
    /// The export's `hash_key` with `.zip` behind it.
    public var file: String
    /// The second since 1970 in which a signed link ends.
    public var expires: Int?
    /// The link's signature, where links are signed.
    public var signature: String?

    /// A zip without proof.
    public init(month: String, day: String, file: String) {
        self.month = month
        self.day = day
        self.file = file
        expires = nil
        signature = nil
    }
}

/// Whose history, and which part of it.
public struct ExportHistoryParameters: Codable, Sendable, Hashable {
    /// Whose exports.
    public var userID: String?
    /// Another name of `userID`, used when that is absent.
    public var uid: String?
    /// 1, 2, …; without it and without `limit`, everything.
    public var page: Int?
    /// Exports of one page.
    public var limit: Int?
    /// The id of an export, such as the last of an answer with `more`: only older ones are wanted.
    public var after: Int?
    /// The most octets of the answer.
    public var bytesMax: Int?

    /// A user's history.
    public init(
        userID: String, page: Int? = nil, limit: Int? = nil, after: Int? = nil, bytesMax: Int? = nil
    ) {
        self.userID = userID
        uid = nil
        self.page = page
        self.limit = limit
        self.after = after
        self.bytesMax = bytesMax
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case uid, page, limit, after
        case bytesMax = "max_bytes"
    }
}
