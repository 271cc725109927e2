import ExportService
import ServiceRuntime
import Testing

@testable import pailou

/// Each setting of the exporter, from its variable to the field of the configuration that is used.
@Suite struct ExportSettingsTests {
    private static let limits: [SettingEffect] = [
        .init(
            ExportSettings.allowedSources, "10.0.0.0/8,127.0.0.1:80",
            ["allowedSources": "[10.0.0.0/8, 127.0.0.1:80]"]),
        .init(ExportSettings.exportsMax, "7", ["exportsMax": "7"]),
        .init(ExportSettings.exportTimeout, "77s", ["exportDuration": "77.0 seconds"]),
        .init(ExportSettings.pageBytesMax, "4096", ["pageLimits.bodyBytesMax": "4096"]),
        .init(ExportSettings.pageTimeout, "7s", ["pageLimits.timeout": "7.0 seconds"]),
        .init(ExportSettings.pageConnectTimeout, "7s", ["pageLimits.connectTimeout": "7.0 seconds"]),
        .init(ExportSettings.lowSpeedBytesPerSecond, "77", ["pageLimits.lowSpeedBytesPerSecond": "77"]),
        .init(ExportSettings.lowSpeedDuration, "7s", ["pageLimits.lowSpeedDuration": "7.0 seconds"]),
        .init(ExportSettings.pageTriesMax, "7", ["pageRetries.triesMax": "7"]),
        .init(ExportSettings.retryAfterMax, "7s", ["pageRetries.retryAfterMax": "7.0 seconds"]),
        .init(
            ExportSettings.heldBytesMax, "2097152",
            ["crawlLimits.heldBytesMax": "2097152", "file.pendingBytesMax": "1048576"]),
        .init(ExportSettings.pagesMax, "77", ["crawlLimits.pagesMax": "77"]),
        .init(ExportSettings.rowsMax, "77", ["crawlLimits.rowsMax": "77"]),
        .init(ExportSettings.strictTotal, "false", ["crawlLimits.strictTotal": "false"]),
        .init(ExportSettings.pagesPerSecondMax, "7", ["pagesPerSecondMax": "7.0"]),
        .init(ExportSettings.timestampWindow, "77s", ["timestampWindowSeconds": "77"]),
        .init(ExportSettings.proxy, "http://proxy:3128", ["proxy": "http://proxy:3128"]),
        .init(ExportSettings.credentialsFile, "DIR/credentials.json", ["credentials": "…"]),
    ]

    private static let files: [SettingEffect] = [
        .init(ExportSettings.rowsPerFile, "77", ["file.rowsPerFile": "77"]),
        .init(ExportSettings.sheetPerPart, "true", ["file.sheetPerPart": "true"]),
        .init(ExportSettings.partsAtOnceMax, "7", ["file.partsAtOnceMax": "7"]),
        .init(ExportSettings.diskBytesMax, "2097152", ["file.diskBytesMax": "2097152"]),
        .init(ExportSettings.xlsxEngine, "libxlsxwriter", ["file.xlsxEngine": "libxlsxwriter"]),
        .init(ExportSettings.xlsxCompression, "small", ["file.xlsxCompression": "small"]),
        .init(ExportSettings.styles, "DIR/styles", ["file.styles": "…"]),
        .init(ExportSettings.csvByteOrderMark, "false", ["file.csvByteOrderMark": "false"]),
        .init(ExportSettings.csvFormulaGuard, "false", ["file.csvFormulaGuard": "false"]),
        .init(ExportSettings.journalBytesMax, "77", ["journalBytesMax": "77"]),
        .init(ExportSettings.journalDirectory, "/shared", ["sharedJournalDirectory": "/shared"]),
        .init(ExportSettings.retention, "77s", ["retention": "77.0 seconds"]),
        .init(ExportSettings.recordRetention, "100000s", ["recordRetention": "…"]),
        .init(
            ExportSettings.jobRetention, "7777s",
            ["jobs.retention.succeeded": "7777.0 seconds", "jobs.retention.cancelled": "7777.0 seconds"]),
        .init(ExportSettings.failedJobRetention, "7777s", ["jobs.retention.failed": "7777.0 seconds"]),
    ]

    private static let signed = [ExportSettings.linkSigning.key: "true"]
    private static let links: [SettingEffect] = [
        .init(GatewaySettings.publicURL, "https://files.example", ["publicURL": "https://files.example"]),
        .init(ExportSettings.linkSigning, "true", ["links": "…"]),
        .init(
            ExportSettings.linkDuration, "77s",
            ["linkDuration": "77.0 seconds", "links.duration": "77.0 seconds"], given: signed),
        .init(ExportSettings.linkKeyFile, "DIR/key", ["links.key": "…"], given: signed),
        .init(ExportSettings.secretKeyFile, "DIR/key", ["passwords": "…"]),
    ]

    @Test(arguments: limits + files + links + SharedSettings.all)
    func aSettingChangesWhatItSays(effect: SettingEffect) async throws {
        let faults = try await effect.faults(in: SettingEffect.directory()) {
            try ExportSettings.configuration($0, directory: $1)
        }
        #expect(faults == [])
    }

    @Test func noneIsForgotten() {
        let known = Set((Self.limits + Self.files + Self.links).map(\.key))
        #expect(Set(ExportSettings.all.map(\.key)).subtracting(known) == [])
        #expect(Set(OutboxSettings.all.map(\.key)).subtracting(SharedSettings.all.map(\.key)) == [])
    }
}
