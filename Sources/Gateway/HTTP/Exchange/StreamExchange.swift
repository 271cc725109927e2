import NIOCore
import RPC

/// A request that is answered by octets as the service sends them.
///
/// Chunks are asked for when others have left, some at a time: the credits given at the start bound what a slow reader
/// makes us hold to 1 MiB. Once the head is out, an error can only be shown by cutting the connection.
final class StreamExchange: FacadeExchange {
    private var isHeadSent = false
    private var status = 200
    /// How many octets the head promised.
    private var length: Int?
    /// Chunks the socket has not taken yet; a service that keeps to its credits stays within those of the start.
    private var unsent = 0
    /// Chunks the socket has taken for which no others were asked for yet.
    private var owed = 0
    /// One question for so many chunks: the service still has credit for three times as many.
    private static let grantStep = RPCStreamOptions.creditDefault / 4

    override func callContent(_ content: RPCContent) {
        guard let connection, !isHeadSent else { return }
        let answer = StreamAnswer(content, ifNoneMatch: request.ifNoneMatch)
        var head = ResponseHead(answer)
        length = answer.length
        isHeadSent = true
        connection.sendHead(
            &head, length: answer.length, hasBody: answer.hasBody, requestID: request.identity.requestID)
        if request.isHead || !answer.hasBody {
            handle?.cancel(reason: "the head was enough")
            end(status: answer.status)
            connection.sendEnd()
        } else {
            status = answer.status
        }
    }

    override func callChunk(_ bytes: ByteBuffer, isLast: Bool) {
        guard let connection, isHeadSent else { return }
        octetsWritten += bytes.readableBytes
        if let length, octetsWritten > length || isLast && octetsWritten < length { return cut() }
        if bytes.readableBytes > 0 {
            unsent += 1
            guard unsent <= RPCStreamOptions.creditDefault else { return cut() }
            connection.sendPiece(bytes) { [weak self] in self?.sent() }
        }
        if isLast {
            end(status: status)
            connection.sendEnd()
        }
    }

    override func callFailed(_ error: RPCError) {
        if isHeadSent { cut() } else { super.callFailed(error) }
    }

    override func callSucceeded(_ result: ByteBuffer) {
        if isHeadSent { cut() } else { unexpected("a plain result") }
    }

    private func sent() {
        unsent -= 1
        owed += 1
        guard owed >= Self.grantStep || unsent == 0 else { return }
        handle?.grantCredit(owed)
        owed = 0
    }

    private func cut() {
        handle?.cancel(reason: "the stream broke")
        let connection = end(status: status)
        connection?.reset()
    }
}
