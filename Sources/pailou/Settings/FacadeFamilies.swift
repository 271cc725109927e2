import Gateway
import ServiceRuntime

/// `facades.NAME.KEY`: what each façade has for itself.
enum FacadeFamilies {
    static let allowedOrigins = SettingFamily(
        "facades", word: "allowedOrigins",
        .list(of: "origins, such as https://console.example", accepts: GatewaySettings.isOrigin), default: [],
        "Origins whose pages may read this façade's answers and send it unsafe requests (CORS). Empty: none.")

    static let all: [any AnySettingFamily] = [allowedOrigins] + GuardFamilies.all

    /// What one façade is set to.
    static func options(of name: String, _ settings: Settings) -> FacadeOptions {
        var options = FacadeOptions()
        options.allowedOrigins = settings[allowedOrigins[name]]
        return options
    }
}
