import Gateway
import ServiceRuntime

/// `facades.NAME.KEY`: what each façade has for itself.
enum FacadeFamilies {
    static let allowedOrigins = SettingFamily(
        "facades", word: "allowedOrigins",
        .list(of: "origins, such as https://console.example", accepts: GatewaySettings.isOrigin), default: [],
        "Origins whose pages may read this façade's answers and send it unsafe requests (CORS). Empty: none.")

    static let allowedHeaders = SettingFamily(
        "facades", word: "allowedHeaders",
        .list(of: "names of header fields", accepts: { HTTPFieldName.isValid($0) }), default: [],
        "Header fields that those pages may send beside the usual ones and those of the façade's credentials.")

    static let all: [any AnySettingFamily] = [allowedOrigins, allowedHeaders] + GuardFamilies.all

    /// What one façade is set to.
    static func options(of name: String, _ settings: Settings) -> FacadeOptions {
        var options = FacadeOptions()
        options.allowedOrigins = settings[allowedOrigins[name]]
        options.allowedHeaders = settings[allowedHeaders[name]]
        return options
    }
}
