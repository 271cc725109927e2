import ProtocolDocuments
package import RPC

/// Methods to try a connection with: the JSON-RPC specification's own examples under their own names, and one for each
/// thing the wire can do.
///
/// Stateless; `protocol/rpc/demo.json` describes every method, and a test holds the two together.
package enum DemoService {
    /// Everything offered, described for `rpc.discover`.
    package static func methods() -> RPCMethods {
        var methods = RPCMethods()
        let safe = RPCMethodOptions(isIdempotent: true)
        let patient = RPCMethodOptions(timeout: .seconds(90), isIdempotent: true)

        methods.register("demo.echo", options: safe, raw: DemoWire.echo)
        methods.register("demo.sleep", options: patient, raw: DemoWire.sleep)
        methods.register("demo.count", options: patient, raw: DemoWire.count)
        methods.register("demo.list", options: safe, raw: DemoWire.list)
        methods.registerStream("demo.stream", options: patient, DemoWire.stream)

        methods.register("subtract", options: safe, raw: DemoArithmetic.subtract)
        methods.register("sum", options: safe, raw: DemoArithmetic.sum)
        methods.register("get_data", options: safe) { _ in DemoAnswer.data }
        for notification in ["notify_hello", "notify_sum", "update"] {
            methods.register(notification, options: safe) { _ in DemoAnswer.null }
        }
        methods.describe(openRPC: ProtocolDocuments.demoMethods)
        return methods
    }
}
