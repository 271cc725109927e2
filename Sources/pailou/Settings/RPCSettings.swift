import RPC
import ServiceRuntime

/// The RPC ports. Limits carry the names of `RPCLimits`.
enum RPCSettings {
    private static let defaults = RPCLimits()

    static let secretFile = Setting(
        "rpc.secretFile", .text, default: "",
        "The file of the secret shared by gateway and services; empty: rpc.secret in the data directory.")
    static let plainFrameBytesMax = Setting(
        "rpc.plainFrameBytesMax", .bytes(1024...(1 << 30)), default: defaults.plainFrameBytesMax,
        "Longest frame taken from a peer that said no hello.")
    static let frameBytesMax = Setting(
        "rpc.frameBytesMax", .bytes(1024...(1 << 30)), default: defaults.frameBytesMax,
        "Longest frame taken after hello.")
    static let plainInFlightMax = Setting(
        "rpc.plainInFlightMax", .integer(1...4096), default: defaults.plainInFlightMax,
        "Calls of a plain connection that run at once; more wait in order.")
    static let inFlightMax = Setting(
        "rpc.inFlightMax", .integer(1...65_536), default: defaults.inFlightMax,
        "Calls of a negotiated connection that run at once; more are refused.")

    static let all: [any AnySetting] = [
        secretFile, plainFrameBytesMax, frameBytesMax, plainInFlightMax, inFlightMax,
    ]

    static func limits(_ settings: Settings) -> RPCLimits {
        var limits = RPCLimits()
        limits.plainFrameBytesMax = settings[plainFrameBytesMax]
        limits.frameBytesMax = settings[frameBytesMax]
        limits.plainInFlightMax = settings[plainInFlightMax]
        limits.inFlightMax = settings[inFlightMax]
        return limits
    }
}
