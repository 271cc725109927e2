import BlockingThreads
import Dispatch

/// Works on one piece of output at a time, on a thread of its own, while its owner fills the next one.
///
/// There are two buffers: the owner's, and the one under way; `exchange` waits for the latter. Whoever wants to touch what
/// the work touches calls `wait` first. An error stays: every later call throws it.
final class PieceThread: @unchecked Sendable {
    private let thread = SerialThread(name: "sheet-deflate")
    /// Held while a piece is under way. What follows belongs to whoever holds it.
    private let busy = DispatchSemaphore(value: 1)
    private var piece: ByteBuffer
    private var failure: SpreadsheetError?

    init(capacity: Int) { piece = ByteBuffer(capacity: capacity) }

    /// Takes a full buffer and gives an empty one for it; `work` is called with the content.
    func exchange(
        _ output: inout ByteBuffer,
        _ work: @escaping @Sendable (UnsafeRawBufferPointer) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        try wait()
        busy.wait()
        swap(&piece, &output)
        output.count = 0
        thread.enqueue { [self] in
            do throws(SpreadsheetError) {
                try work(piece.bytes)
            } catch {
                failure = error
            }
            busy.signal()
        }
    }

    /// Waits until nothing is under way.
    func wait() throws(SpreadsheetError) {
        busy.wait()
        defer { busy.signal() }
        if let failure { throw failure }
    }
}
