import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind TLS until the handshake is done, and ends a connection whose handshake takes too long.
final class HandshakeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let duration: TimeAmount
    private var done: EventLoopPromise<Void>?
    private var timer: Scheduled<Void>?

    /// `done` is told how the handshake ended.
    init(duration: TimeAmount, done: EventLoopPromise<Void>?) {
        self.duration = duration
        self.done = done
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: duration) {
            self.ended(.failure(TLSHandshakeError.tooSlow(self.duration)))
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
        ended(.success(()))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.failure(TLSHandshakeError.closed))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended(.failure(TLSHandshakeError.closed))
    }

    private func ended(_ result: Result<Void, any Error>) {
        timer?.cancel()
        timer = nil
        done?.completeWith(result)
        done = nil
    }
}

/// A handshake that ended without a word of TLS.
enum TLSHandshakeError: Error, CustomStringConvertible {
    case tooSlow(TimeAmount)
    case closed

    var description: String {
        switch self {
        case .tooSlow(let limit): "it took longer than \(limit.nanoseconds / 1_000_000) ms"
        case .closed: "the other side closed the connection"
        }
    }

    /// What a person can do something with: BoringSSL's descriptions are mostly numbers and its own source files.
    static func words(of error: any Error) -> String {
        let text = "\(error)"
        let reasons = text.matches(of: /error:[0-9a-fA-F]+:[^:]*:[^:]*:([A-Z0-9_]+)/).map { String($0.1) }
        if reasons.isEmpty { return text }
        return reasons.joined(separator: ", ").lowercased().replacing("_", with: " ")
    }

    /// Whether a connection failed for reasons of TLS.
    static func isOne(_ error: any Error) -> Bool {
        error is TLSHandshakeError || error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
    }
}
