import Gateway
import RPC
import ServiceRuntime

/// Who may call each façade: keys and tokens of this process, read once and again when their files change.
struct FacadeCallers {
    /// By façade.
    private(set) var options: [String: FacadeGuardOptions] = [:]
    private(set) var reloads: [FileReloader.Item] = []

    /// Reads what the settings of these façades name.
    static func load(_ names: [String], _ settings: Settings) async throws -> FacadeCallers {
        var callers = FacadeCallers()
        do {
            for name in names { try await callers.add(name, settings) }
        } catch let error as SecurityFileError {
            throw SettingsError("the keys of a façade cannot be used: \(error)")
        }
        return callers
    }

    private mutating func add(_ name: String, _ settings: Settings) async throws {
        var options = FacadeGuardOptions()
        if let path = settings.path(GuardFamilies.keysFile[name]) {
            let keys = try await TokenFile(path: path)
            options.keys = keys
            reloads.append(.init("facades.\(name).keysFile") { try await keys.reload() })
        }
        if let path = settings.path(GuardFamilies.jwtKeysFile[name]) {
            let tokens = try await JWTVerifier(
                keysFile: path, issuer: settings.path(GuardFamilies.jwtIssuer[name]),
                audience: settings.path(GuardFamilies.jwtAudience[name]))
            options.tokens = tokens
            reloads.append(.init("facades.\(name).jwtKeysFile") { try await tokens.reload() })
        }
        if var rate = RateLimit(settings[GuardFamilies.rate[name]]) {
            let burst = settings[GuardFamilies.rateBurst[name]]
            if burst > 0 { rate.burst = burst }
            options.rate = rate
        }
        options.callersMax = settings[GuardFamilies.callersMax[name]]
        self.options[name] = options
    }
}
