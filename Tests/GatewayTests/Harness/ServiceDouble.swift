import NIOCore
import RPC
import Synchronization
import TestSupport

/// What the double saw and what it waits for.
final class CallLog: Sendable {
    struct State {
        var started: [String] = []
        var cancelled: [String] = []
        var ended: [String] = []
        var chunksWritten = 0
        var octetsWritten = 0
    }

    let state = Mutex(State())
    /// `test.wait` and `test.events` answer when it is open.
    let gate = Gate()

    var started: [String] { state.withLock { $0.started } }
    var cancelled: [String] { state.withLock { $0.cancelled } }
    /// Those of `test.wait` that are over.
    var ended: [String] { state.withLock { $0.ended } }
    var octetsWritten: Int { state.withLock { $0.octetsWritten } }
    var chunksWritten: Int { state.withLock { $0.chunksWritten } }

    func note(_ method: String) { state.withLock { $0.started.append(method) } }
}

extension RPCMethods {
    /// The service behind the façade of these tests.
    static func double(_ log: CallLog) -> RPCMethods {
        var methods = RPCMethods()
        methods.register(
            "test.record",
            raw: { context in
                log.note(context.method)
                return context.params ?? ByteBuffer(string: "null")
            })
        methods.register(
            "test.echo",
            raw: { context in
                log.note(context.method)
                return context.params ?? ByteBuffer(string: "null")
            })
        methods.register(
            "test.wait",
            raw: { context in
                log.note(context.method)
                await log.gate.wait()
                log.state.withLock {
                    if Task.isCancelled { $0.cancelled.append(context.method) }
                    $0.ended.append(context.method)
                }
                return ByteBuffer(string: "true")
            })
        methods.register("test.plain", raw: { ByteBuffer(string: "\($0.peerIsPlain)") })
        methods.register(
            "test.meta",
            raw: { context in
                let http = context.meta.http
                return ByteBuffer(
                    string: """
                        {"request_id":"\(context.meta.requestID ?? "")","traceparent":"\(context.meta.traceparent ?? "")",\
                        "timeout":\(context.meta.timeout.map { "\(wholeSeconds($0))" } ?? "null"),\
                        "facade":"\(http?.facade ?? "")","method":"\(http?.method ?? "")","path":"\(http?.path ?? "")",\
                        "base":"\(http?.base ?? "")","ip":"\(http?.ip ?? "")"}
                        """)
            })
        methods.registerStream("test.file") { context, opener in try await file(context, opener, log) }
        methods.registerStream("test.seekable") { _, opener in try await seekable(opener, log) }
        methods.register("test.events", raw: { context in try await events(context, log) })
        return methods
    }
}

/// Rounded up: what is left of a whole time limit counts as all of it.
private func wholeSeconds(_ duration: Duration) -> Int64 {
    duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
}
