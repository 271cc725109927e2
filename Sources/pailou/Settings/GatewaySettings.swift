import Foundation
import Gateway
import NIOCore
import ServiceRuntime

/// The HTTP side. Limits carry the names of `HTTPLimits`.
enum GatewaySettings {
    private static let defaults = GatewayConfiguration()

    static let facades = Setting(
        "gateway.facades", .text, default: "",
        "A directory whose *.yaml façade documents are served beside the built-in ones.")
    static let publicURL = Setting(
        "gateway.publicURL", .origin, default: "",
        "Scheme, host and port under which clients reach the façades; down_url begins with it. Empty: the Host they send."
    )
    static let headerBytesMax = Setting(
        "gateway.headerBytesMax", .bytes(1024...(1 << 20)), default: defaults.limits.headerBytesMax,
        "Octets of a request line and its header.")
    static let headerFieldsMax = Setting(
        "gateway.headerFieldsMax", .integer(1...10_000), default: defaults.limits.headerFieldsMax,
        "Header fields of one request, trailers included.")
    static let headerTimeout = duration(
        "gateway.headerTimeout", defaults.limits.headerTimeout, "From a header's first octet to its last.")
    static let bodyBytesMax = Setting(
        "gateway.bodyBytesMax", .bytes(1024...(1 << 30)), default: defaults.limits.bodyBytesMax,
        "Octets of a request body.")
    static let bodyTimeout = duration(
        "gateway.bodyTimeout", defaults.limits.bodyTimeout,
        "What every request body may take to arrive; bodyBytesPerSecondMin adds to it.")
    static let bodyBytesPerSecondMin = Setting(
        "gateway.bodyBytesPerSecondMin", .bytes(1...(1 << 30)), default: defaults.limits.bodyBytesPerSecondMin,
        "The slowest upload that is waited for, averaged over the body.")
    static let idleTimeout = duration(
        "gateway.idleTimeout", defaults.limits.idleTimeout, "How long a connection may wait for its next request.")
    static let stallTimeout = duration(
        "gateway.stallTimeout", defaults.limits.stallTimeout, "How long a client may take none of what we have for it.")
    static let connectionsMax = Setting(
        "gateway.connectionsMax", .integer(1...1_000_000), default: defaults.limits.connectionsMax,
        "Connections open at the same time.")
    static let callsMax = Setting(
        "gateway.callsMax", .integer(1...1_000_000), default: defaults.limits.callsMax,
        "Calls under way at the same time; beyond it 503.")
    static let inFlightBytesMax = Setting(
        "gateway.inFlightBytesMax", .bytes((1 << 20)...(1 << 36)), default: defaults.limits.inFlightBytesMax,
        "Octets of bodies held at the same time; beyond it 503.")
    static let heartbeatInterval = duration(
        "gateway.heartbeatInterval", defaults.heartbeatInterval,
        "Between two comments on an event stream that has nothing to say.")
    static let accessLog = Setting(
        "gateway.accessLog", .text, default: "",
        "The file that gets one line of JSON for each request; - is standard output. Empty: none.")
    static let compressedBytesMax = Setting(
        "gateway.compressedBytesMax", .bytes(0...(1 << 30)), default: defaults.limits.compressedBytesMax,
        "The longest JSON answer that is compressed for clients that ask for it; 0: none is.")
    static let services = SettingFamily(
        "services", .list(of: "host:port", accepts: { HostPort($0) != nil }), default: [],
        besides: DocumentedAddresses.services.mapValues { [$0] },
        "Where the methods NAME.… are answered, when not by this process; several addresses are replicas.")

    static let all: [any AnySetting] = [
        facades, publicURL, headerBytesMax, headerFieldsMax, headerTimeout,
        bodyBytesMax, bodyTimeout, bodyBytesPerSecondMin, idleTimeout, stallTimeout, connectionsMax, callsMax,
        inFlightBytesMax, heartbeatInterval, accessLog, compressedBytesMax,
    ]

    static func configuration(_ settings: Settings) -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.publicURL = settings[publicURL].isEmpty ? nil : settings[publicURL]
        configuration.heartbeatInterval = TimeAmount(settings[heartbeatInterval])
        configuration.limits = limits(settings)
        return configuration
    }

    private static func limits(_ settings: Settings) -> HTTPLimits {
        var limits = HTTPLimits()
        limits.headerBytesMax = settings[headerBytesMax]
        limits.headerFieldsMax = settings[headerFieldsMax]
        limits.headerTimeout = TimeAmount(settings[headerTimeout])
        limits.bodyBytesMax = settings[bodyBytesMax]
        limits.bodyTimeout = TimeAmount(settings[bodyTimeout])
        limits.bodyBytesPerSecondMin = settings[bodyBytesPerSecondMin]
        limits.idleTimeout = TimeAmount(settings[idleTimeout])
        limits.stallTimeout = TimeAmount(settings[stallTimeout])
        limits.connectionsMax = settings[connectionsMax]
        limits.callsMax = settings[callsMax]
        limits.inFlightBytesMax = settings[inFlightBytesMax]
        limits.compressedBytesMax = settings[compressedBytesMax]
        return limits
    }

    private static func duration(_ key: String, _ value: TimeAmount, _ meaning: String) -> Setting<Duration> {
        Setting(key, .duration(.seconds(1) ... .seconds(3600)), default: Duration(value), meaning)
    }
}

extension GatewaySettings {
    /// A scheme, a host and maybe a port, nothing behind them.
    static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme) else {
            return false
        }
        return url.host?.isEmpty == false && url.path.isEmpty && url.query == nil && url.user == nil
    }
}

extension SettingForm where Value == String {
    /// An origin, or nothing.
    fileprivate static var origin: Self {
        Self(
            allowed: "an origin such as https://exports.example",
            parse: { $0.isEmpty || GatewaySettings.isOrigin($0) ? $0 : nil },
            print: { $0 })
    }
}
