import Gateway
import NIOCore
import ServiceRuntime

extension AccessLog {
    /// The log that the settings name, if they name one.
    static func open(_ settings: Settings) throws -> AccessLog? {
        let path = settings[GatewaySettings.accessLog]
        if path.isEmpty { return nil }
        do {
            return try AccessLog(path: path)
        } catch let error as IOError {
            let source = settings.text(of: GatewaySettings.accessLog).source
            let reason = StartError.text(of: error)
            throw SettingsError("\(source): gateway.accessLog is \"\(path)\"; it cannot be written: \(reason)")
        }
    }
}
