import JSONBytes
import NIOCore
import RPC

/// One call of a simulation: what it asks for, and a watch over everything it hears.
final class SimulatedCall: RPCCallReceiver, @unchecked Sendable {
    enum Kind: Int, CaseIterable {
        /// Answered at once.
        case quick
        /// After a while, cancelled or not.
        case stubborn
        /// Items, each of which costs a credit, and a reply behind them.
        case items
        /// Octets in chunks.
        case octets
        /// Echoed, so long that it goes in chunks in both directions.
        case large
        /// Never answered: ended by its caller, its deadline or a drain.
        case long

        var method: String { "do.\(self)" }
    }

    let number: Int
    let kind: Kind
    /// How many items or chunks there are.
    let length: Int
    private(set) var outcome: Result<Void, RPCError>?
    private(set) var problems: [String] = []
    private(set) var isCancelled = false
    private var heard = 0
    private var hasContent = false
    private let service: SimulatedService
    var handle: RPCCallHandle?
    /// Does something after a random while.
    let later: (_ body: @escaping () -> Void) -> Void

    init(
        number: Int, kind: Kind, length: Int, service: SimulatedService, later: @escaping (@escaping () -> Void) -> Void
    ) {
        self.number = number
        self.kind = kind
        self.length = length
        self.service = service
        self.later = later
    }

    var params: ByteBuffer {
        let padding = kind == .large ? #","padding":"\#(Self.padding)""# : ""
        return ByteBuffer(string: #"{"number":\#(number),"length":\#(length)\#(padding)}"#)
    }

    /// A little more than fits into a plain frame.
    private static let padding = String(repeating: "x", count: 300_000)

    func cancel() {
        guard outcome == nil, let handle else { return }
        isCancelled = true
        handle.cancel()
    }

    func callSucceeded(_ result: ByteBuffer) {
        // Spoken to plainly, because two servers in a row hung up on hello, a server answers a piece and tells no items.
        let isPlain = service.plain.contains(number)
        if isPlain, kind == .octets, String(buffer: result).hasPrefix(#"{"base64""#) { return end(.success(())) }
        let expected = kind == .large ? params : ByteBuffer(string: "\(number)")
        check(result == expected, "the result of another call: \(String(buffer: result).prefix(100))")
        check(kind != .items || heard == (isPlain ? 0 : length), "\(heard) of \(length) items before the reply")
        check(kind != .octets && kind != .long, "a result instead of octets or an error")
        end(.success(()))
    }

    func callFailed(_ error: RPCError) { end(.failure(error)) }

    func callEvent(_ event: RPCEvent) {
        heard += 1
        check(outcome == nil && !isCancelled, "an event after the end")
        check(event.seq == heard, "event \(event.seq) where \(heard) was due")
        check(String(buffer: event.data) == "[\(number),\(heard)]", "an event of another call")
        credit()
    }

    func callContent(_ content: RPCContent) {
        check(!hasContent && outcome == nil && !isCancelled, "a head out of place")
        check(content.name == "\(number)", "the head of another call")
        hasContent = true
    }

    func callChunk(_ octets: ByteBuffer, isLast: Bool) {
        check(hasContent && outcome == nil && !isCancelled, "a chunk out of place")
        let expected = ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: octets.readableBytes)
        check(octets == expected, "another call's octets")
        if octets.readableBytes > 0 {
            heard += 1
            credit()
        }
        guard isLast else { return }
        check(heard == length, "\(heard) of \(length) chunks")
        end(.success(()))
    }

    private func credit() {
        later { if self.outcome == nil { self.handle?.grantCredit(1) } }
    }

    private func end(_ outcome: Result<Void, RPCError>) {
        check(self.outcome == nil, "a second end")
        check(!isCancelled, "an end after cancelling")
        self.outcome = self.outcome ?? outcome
    }

    private func check(_ condition: Bool, _ problem: String) {
        if !condition { problems.append("call \(number) (\(kind)): \(problem)") }
    }
}
