import CoreMetrics
import Logging
import ServiceRuntime

/// What concerns the process as a whole.
enum ProcessSettings {
    static let logLevel = Setting(
        "log.level", .oneOf(Logger.Level.allCases.map(\.rawValue)), default: "info",
        "Least severe level that is logged.")

    static let logFormat = Setting(
        "log.format", .oneOf(LogFormat.allCases.map(\.rawValue)), default: "text",
        "Lines for people (text) or one JSON object a line (json), on standard error.")

    static let allowPlaintext = Setting(
        "listen.allowPlaintext", .boolean, default: false,
        "Listen on addresses that others can reach without TLS and credentials: on a private network, behind a proxy.")

    static let all: [any AnySetting] = [logLevel, logFormat, allowPlaintext]

    /// Everything the process counts, for `/metrics`.
    static let metrics = PrometheusRegistry()

    /// Once, before anything logs or counts.
    ///
    /// - Parameter quiet: a command that talks to a person leaves its log to warnings, unless the setting says more.
    static func bootstrap(_ settings: Settings, quiet: Bool = false) {
        MetricsSystem.bootstrap(metrics)
        let format = LogFormat(rawValue: settings[logFormat]) ?? .text
        let isDefault = settings.text(of: logLevel).source == .default
        let level = quiet && isDefault ? .warning : Logger.Level(rawValue: settings[logLevel]) ?? .info
        format.bootstrap(level: level)
    }
}
