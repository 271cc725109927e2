import RPC
import ServiceRuntime

/// The RPC ports. Limits carry the names of `RPCLimits`.
enum RPCSettings {
    private static let defaults = RPCLimits()
    private static let retryDefaults = RPCRetryPolicy()

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

    static let connectionsMax = Setting(
        "rpc.connectionsMax", .integer(1...1_000_000), default: RPCServerConfiguration().connectionsMax,
        "Connections open at the same time on each RPC port; one more is told so and closed.")
    static let heldBytesMax = Setting(
        "rpc.heldBytesMax", .bytes((1 << 20)...(1 << 36)), default: defaults.heldBytesMax,
        "What unfinished messages and running calls of one connection may hold.")
    static let processHeldBytesMax = Setting(
        "rpc.processHeldBytesMax", .bytes((1 << 20)...(1 << 40)), default: OctetBudget.bytesMaxDefault,
        "The same for all connections of the process.")

    static let retryTriesMax = Setting(
        "rpc.retry.triesMax", .integer(1...10), default: retryDefaults.triesMax,
        "How often the gateway sends a call to services at most; 1: nothing is sent again.")
    static let retryBudgetMax = Setting(
        "rpc.retry.budgetMax", .integer(0...10_000), default: retryDefaults.budgetMax,
        "Retries in a row per service and event loop; ten successes earn another one.")
    static let healthInterval = Setting(
        "rpc.healthInterval", .duration(.seconds(1) ... .seconds(3600)), default: .seconds(10),
        "Between two questions of the gateway for the health of a replica that serves.")

    static let all: [any AnySetting] = [
        secretFile, plainFrameBytesMax, frameBytesMax, plainInFlightMax, inFlightMax, retryTriesMax, retryBudgetMax,
        healthInterval, connectionsMax, heldBytesMax, processHeldBytesMax,
    ]

    static func retries(_ settings: Settings) -> RPCRetryPolicy {
        var policy = RPCRetryPolicy()
        policy.triesMax = settings[retryTriesMax]
        policy.budgetMax = settings[retryBudgetMax]
        return policy
    }

    /// Sets what holds for the whole process.
    static func apply(_ settings: Settings) {
        OctetBudget.shared.bytesMax = settings[processHeldBytesMax]
    }

    /// Sets what bounds one port and its connections.
    static func bound(_ configuration: inout RPCServerConfiguration, _ settings: Settings) {
        configuration.connectionsMax = settings[connectionsMax]
        configuration.limits = limits(settings)
    }

    private static func limits(_ settings: Settings) -> RPCLimits {
        var limits = RPCLimits()
        limits.plainFrameBytesMax = settings[plainFrameBytesMax]
        limits.frameBytesMax = settings[frameBytesMax]
        limits.plainInFlightMax = settings[plainInFlightMax]
        limits.inFlightMax = settings[inFlightMax]
        limits.heldBytesMax = settings[heldBytesMax]
        return limits
    }
}
