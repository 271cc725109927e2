import JSONBytes
import RPC
import ServiceContracts

/// What an execution fetches: the documented parameters, understood.
struct CrawlParameters: Hashable, Sendable {
    /// Items of one execution.
    static let limits = 1...100_000
    static let limitDefault = 10
    /// Characters of a whole query, as the API takes it from most applications.
    static let queryCharactersDefault = 512

    /// Whom or what it is about: a user's name, or a whole query.
    let subject: String
    let limit: Int
    var includesReplies = false
    var includesRetweets = false

    /// Notes what is wrong, at its place; nil then.
    init?(_ type: ScrapeTaskType, _ parameters: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck) {
        let before = fields.violations.count
        let subject: String?
        switch type {
        case .userTweets, .userInfo, .userFollowers, .userFollowing:
            subject = Self.username(parameters, at: path, &fields)
        case .keywordSearch: subject = Self.query(parameters, at: path, &fields)
        case .hashtagSearch: subject = Self.hashtag(parameters, at: path, &fields)
        }
        limit =
            type == .userInfo
            ? 1 : fields.integer(parameters["limit"], at: path + ["limit"], in: Self.limits) ?? Self.limitDefault
        if type == .userTweets {
            includesReplies =
                fields.boolean(parameters["include_replies"], at: path + ["include_replies"]) ?? false
            includesRetweets =
                fields.boolean(parameters["include_retweets"], at: path + ["include_retweets"]) ?? false
        }
        guard let subject, fields.violations.count == before else { return nil }
        self.subject = subject
    }

    /// Reads parameters that were found right before.
    init?(_ type: ScrapeTaskType, stored: [UInt8]) {
        guard let parameters = try? JSONValue(parsing: stored) else { return nil }
        var fields = FieldCheck(queryCharactersMax: .max)
        self.init(type, parameters, at: [], &fields)
    }

    private static func username(
        _ parameters: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck
    ) -> String? {
        let path = path + ["username"]
        guard let text = fields.text(parameters["username"], at: path, 0...Int.max) else { return nil }
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        let isName =
            (1...15).contains(name.utf8.count)
            && name.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        if isName { return name }
        fields.refuse(
            path, "String should match pattern '^@?[A-Za-z0-9_]{1,15}$'", type: "string_pattern_mismatch")
        return nil
    }

    private static func hashtag(
        _ parameters: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck
    ) -> String? {
        let path = path + ["hashtag"]
        guard let text = fields.text(parameters["hashtag"], at: path, 1...fields.queryCharactersMax - 1) else {
            return nil
        }
        let tag = text.hasPrefix("#") || text.hasPrefix("＃") ? text.dropFirst() : text[...]
        let isTag = !tag.isEmpty && tag.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        if isTag { return "#\(tag)" }
        fields.refuse(path, "String should match pattern '^[#＃]?\\w+$'", type: "string_pattern_mismatch")
        return nil
    }

    private static func query(
        _ parameters: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck
    ) -> String? {
        let language = parameters["lang"]?.unlessNull
        let lang = fields.word(language, at: path + ["lang"], of: XLanguages.codes)
        let suffix = lang.map { ") lang:\($0)" }
        let room = fields.queryCharactersMax - (suffix.map { $0.count + 1 } ?? 0)
        guard let text = fields.text(parameters["query"], at: path + ["query"], 1...room) else { return nil }
        return suffix.map { "(\(text)\($0)" } ?? text
    }
}

/// The codes that `lang:` takes in a query.
enum XLanguages {
    static let codes = [
        "am", "ar", "hy", "eu", "bn", "bs", "bg", "my", "hr", "ca", "cs", "da", "nl", "en", "et", "fi", "fr", "ka",
        "de", "el", "gu", "ht", "iw", "hi", "hi-Latn", "hu", "is", "in", "it", "ja", "kn", "km", "ko", "lo", "lv",
        "lt", "ml", "dv", "mr", "ne", "no", "or", "pa", "ps", "fa", "pl", "pt", "ro", "ru", "sr", "zh", "zh-CN",
        "zh-TW", "sd", "si", "sk", "sl", "ckb", "es", "sv", "tl", "ta", "te", "th", "bo", "tr", "uk", "ur", "ug",
        "vi", "cy",
    ]
}
