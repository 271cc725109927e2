import ScrapeService
import ServiceRuntime
import Testing

@testable import pailou

/// The same of the scraper.
@Suite struct ScrapeSettingsTests {
    private static let own: [SettingEffect] = [
        .init(ScrapeSettings.xBaseURL, "http://127.0.0.1:7", ["api.baseURL": "http://127.0.0.1:7"]),
        .init(ScrapeSettings.bearerToken, "token", ["bearerToken": "token"]),
        .init(
            ScrapeSettings.secretsKey, String(repeating: "s", count: 64),
            ["secretKeys": String(repeating: "s", count: 64)]),
        .init(ScrapeSettings.secretsKeyFile, "DIR/key", ["secretKeys": String(repeating: "k1", count: 32)]),
        .init(ScrapeSettings.dialect, "post", ["api.dialect": "post"]),
        .init(ScrapeSettings.pageTriesMax, "7", ["api.triesMax": "7"]),
        .init(ScrapeSettings.pageTimeout, "7s", ["api.limits.timeout": "7.0 seconds"]),
        .init(ScrapeSettings.executionsMax, "7", ["executionsMax": "7"]),
        .init(ScrapeSettings.allowedProxies, "10.0.0.0/8", ["allowedProxies": "[10.0.0.0/8]"]),
        .init(ScrapeSettings.csvFormulaGuard, "false", ["csvFormulaGuard": "false"]),
        .init(ScrapeSettings.queryCharactersMax, "777", ["queryCharactersMax": "777"]),
        .init(ScrapeSettings.indexCacheBytesMax, "7777", ["indexCacheBytesMax": "7777"]),
        .init(ScrapeSettings.workbooksMax, "7", ["workbooksMax": "7"]),
        .init(ScrapeSettings.executionRetention, "7777s", ["executionRetention": "7777.0 seconds"]),
        .init(StoreSettings.freeBytesMin, "7777", ["freeBytesMin": "7777"]),
        .init(ScrapeSettings.prices, "user=7", ["prices": "…"]),
        .init(ScrapeSettings.currency, "CNY", ["currency": "CNY"]),
        .init(ScrapeSettings.maxCostPerDay, "7", ["maxCostPerDay.millionths": "7000000"]),
        .init(ScrapeSettings.allowedCallbacks, "10.0.0.0/8", ["allowedCallbacks": "[10.0.0.0/8]"]),
    ]

    @Test(arguments: own + SharedSettings.all)
    func aSettingChangesWhatItSays(effect: SettingEffect) async throws {
        let faults = try await effect.faults(in: SettingEffect.directory()) {
            try ScrapeSettings.configuration($0, directory: $1)
        }
        #expect(faults == [])
    }

    @Test func noneIsForgotten() {
        #expect(Set(ScrapeSettings.all.map(\.key)).subtracting(Self.own.map(\.key)) == [])
    }
}
