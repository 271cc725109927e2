import ServiceRuntime

/// Every setting of the program, in the order `pailou config` prints them.
enum SettingsTable {
    static let all: [any AnySetting] =
        ProcessSettings.all + GatewaySettings.all + RPCSettings.all + SecuritySettings.all + StoreSettings.all
        + ExportSettings.all + ArtifactSettings.all + OutboxSettings.all + ScrapeSettings.all

    /// What exists once for each service or façade.
    static let families: [any AnySettingFamily] = [GatewaySettings.services] + FacadeFamilies.all
}
