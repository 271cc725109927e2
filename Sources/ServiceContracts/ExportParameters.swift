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

    /// A user's history.
    public init(userID: String, page: Int? = nil, limit: Int? = nil) {
        self.userID = userID
        uid = nil
        self.page = page
        self.limit = limit
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case uid, page, limit
    }
}
