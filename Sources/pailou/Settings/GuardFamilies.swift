import Gateway
import ServiceRuntime

/// `facades.NAME.KEY`: who may call a façade, and how often. Nothing set: everybody, as often as they like.
enum GuardFamilies {
    static let keysFile = file("keysFile", "API keys of this façade: lines as `pailou token NAME` prints them.")
    static let jwtKeysFile = file(
        "jwtKeysFile", "Keys of JSON Web Tokens for this façade: a JWKS file, or a public key in PEM.")
    static let jwtIssuer = file("jwtIssuer", "The `iss` that tokens must have; empty: any.")
    static let jwtAudience = file("jwtAudience", "The `aud` that tokens must name; empty: tokens must not name any.")
    static let rate = SettingFamily(
        "facades", word: "rate", .rate, default: "",
        "How often one caller may call, such as 100/s, 60/m or 1000/h; strangers are told apart by address. Empty: no bound."
    )
    static let rateBurst = SettingFamily(
        "facades", word: "rateBurst", .integer(0...1_000_000), default: 0,
        "Calls that may come at once after a silence; 0: as many as rate names.")
    static let callersMax = SettingFamily(
        "facades", word: "callersMax", .integer(2...10_000_000), default: FacadeGuardOptions().callersMax,
        "Callers whose rates are kept; the longest silent are forgotten first.")

    static let all: [any AnySettingFamily] = [
        keysFile, jwtKeysFile, jwtIssuer, jwtAudience, rate, rateBurst, callersMax,
    ]

    private static func file(_ word: String, _ meaning: String) -> SettingFamily<String> {
        SettingFamily("facades", word: word, .text, default: "", meaning)
    }
}

extension SettingForm where Value == String {
    /// A rate, or nothing.
    fileprivate static var rate: Self {
        Self(
            allowed: "a rate such as 100/s, 60/m or 1000/h",
            parse: { $0.isEmpty || RateLimit($0) != nil ? $0 : nil }, print: { $0 })
    }
}
