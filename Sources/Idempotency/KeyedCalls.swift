package import Database
package import NIOCore
package import RPC
import Synchronization

/// Answers calls with a key once, and the same again whenever they come again (`meta.idem`, wire 5.5).
///
///     first call      second call, same key            meanwhile
///     running         joins it, gets the same reply
///     committed       the kept reply, `replayed`       the effect and its reply are one transaction
///     failed          runs                             nothing was kept
///
/// Made once per store. The method has to be registered as `isKeyed`, and its handler keeps its reply with
/// `KeyedCall.keep` in the transaction of its effect.
package final class KeyedCalls: Sendable {
    /// How long a reply is kept.
    package static let lifetimeDefault: Duration = .seconds(24 * 3_600)
    /// Replies removed by one transaction.
    private static let sweepRowsMax = 2_000

    private let database: any Database
    private let lifetime: Int64
    private let now: @Sendable () -> Int64
    private let flights = Mutex<[KeyedCall.Place: Flight]>([:])

    /// - Parameter now: Milliseconds since 1970.
    package init(
        database: any Database, lifetime: Duration = KeyedCalls.lifetimeDefault, now: @escaping @Sendable () -> Int64
    ) {
        self.database = database
        self.lifetime = lifetime.components.seconds * 1_000
        self.now = now
    }

    /// Calls that wait for another one with their key.
    package var joinedCount: Int { flights.withLock { $0.values.reduce(0) { $0 + $1.waitingCount } } }

    /// Answers a call by doing its work, or by what was answered to its key before.
    ///
    /// - Parameter work: Gets the call to keep its reply with; nil when the caller gave no key.
    package func answer(
        _ context: RPCContext, _ work: (KeyedCall?) async throws -> ByteBuffer
    ) async throws -> ByteBuffer {
        guard let key = context.meta.idem else { return try await work(nil) }
        let call = await call(context, key: key)
        while true {
            let (flight, leads) = flight(of: call)
            if leads { return try await lead(call, flight, context, work) }
            guard flight.paramsHash == call.paramsHash else { throw RPCError.idempotencyMismatch }
            switch try await flight.outcome() {
            case .replied(let reply):
                context.setReplyMeta { $0.isReplayed = true }
                return reply
            case .failed(let error): throw error
            case .abandoned: continue
            }
        }
    }

    /// Longest parameters that are hashed where they are, in octets: more would hold up the caller's event loop.
    private static let hashedAtOnceBytesMax = 64 * 1024

    private func call(_ context: RPCContext, key: String) async -> KeyedCall {
        let (time, lifetime) = (now(), lifetime)
        guard let params = context.params, params.readableBytes > Self.hashedAtOnceBytesMax else {
            return KeyedCall(context, key: key, time: time, lifetime: lifetime)
        }
        return await withTaskExecutorPreference(globalConcurrentExecutor) {
            KeyedCall(context, key: key, time: time, lifetime: lifetime)
        }
    }

    /// Removes replies that are too old.
    package func sweep() async throws {
        let time = now() - lifetime
        while true {
            let removed = try await database.write { transaction in
                try KeyedReplies(transaction).remove(before: time, rowsMax: Self.sweepRowsMax)
            }
            if removed < Self.sweepRowsMax { return }
        }
    }

    private func flight(of call: KeyedCall) -> (Flight, leads: Bool) {
        flights.withLock { flights in
            if let flight = flights[call.place] { return (flight, false) }
            let flight = Flight(paramsHash: call.paramsHash)
            flights[call.place] = flight
            return (flight, true)
        }
    }

    private func lead(
        _ call: KeyedCall, _ flight: Flight, _ context: RPCContext, _ work: (KeyedCall?) async throws -> ByteBuffer
    ) async throws -> ByteBuffer {
        do {
            let reply = try await reply(to: call, context, work)
            end(flight, of: call, .replied(reply))
            return reply
        } catch {
            end(flight, of: call, Task.isCancelled ? .abandoned : .failed(error))
            throw error
        }
    }

    /// First the way out, then the word: who comes in between begins anew and finds what was kept.
    private func end(_ flight: Flight, of call: KeyedCall, _ outcome: Flight.Outcome) {
        flights.withLock { $0[call.place] = nil }
        flight.end(outcome)
    }

    private func reply(
        to call: KeyedCall, _ context: RPCContext, _ work: (KeyedCall?) async throws -> ByteBuffer
    ) async throws -> ByteBuffer {
        if let reply = try await kept(call, context) { return reply }
        do {
            return try await work(call)
        } catch is KeyTaken {
            // Our effect was undone with its transaction; the other process's stands.
            if let reply = try await kept(call, context) { return reply }
            throw RPCError.idempotencyInProgress
        }
    }

    private func kept(_ call: KeyedCall, _ context: RPCContext) async throws -> ByteBuffer? {
        guard let kept = try await database.read({ try KeyedReplies($0).reply(of: call) }) else { return nil }
        guard kept.paramsHash == call.paramsHash else { throw RPCError.idempotencyMismatch }
        context.setReplyMeta { $0.isReplayed = true }
        return kept.reply
    }
}

extension RPCError {
    fileprivate static let idempotencyMismatch = RPCError(
        .invalidArgument, reason: "idempotency_mismatch",
        "expected the parameters this idempotency key was used with before, found others")
    fileprivate static let idempotencyInProgress = RPCError(
        .aborted, reason: "in_progress", "a call with this idempotency key is under way elsewhere")
}
