package import Database
package import JobQueue
import NIOCore
package import RPC
package import ServiceContracts

/// `SERVICE.delivery.*`: what became of callbacks, and delivering them again.
package struct DeliveryMethods: Sendable {
    /// Deliveries of one answer.
    package static let limitMax = 1_000
    package static let limitDefault = 50

    private let contracts: DeliveryContracts
    private let database: any Database
    private let queue: JobQueue
    private let timeText: @Sendable (Int64) -> String
    private let fault: @Sendable (DatabaseError) -> RPCError

    /// - Parameters:
    ///   - timeText: Writes milliseconds since 1970 as the service does.
    ///   - fault: How it says that its store has failed.
    package init(
        service: String, database: any Database, queue: JobQueue, timeText: @escaping @Sendable (Int64) -> String,
        fault: @escaping @Sendable (DatabaseError) -> RPCError
    ) {
        contracts = DeliveryContracts(service: service)
        self.database = database
        self.queue = queue
        self.timeText = timeText
        self.fault = fault
    }

    package func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.register(contracts.list.name, options: idempotent) { context in
            try await translating { try await list(context) }
        }
        methods.register(contracts.get, options: idempotent) { params, _ in
            try await translating { try await detail(params.id) }
        }
        methods.register(contracts.replay) { params, _ in
            try await translating { try await replay(params) }
        }
    }

    private func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw fault(error)
        }
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        let params = try RPCCoding.decode(DeliveryFilterParameters.self, from: context.params)
        let filter = try filter(params)
        let limit = params.limit ?? Self.limitDefault
        try Self.check("limit", limit, 1...Self.limitMax)
        if let bytes = params.bytesMax {
            try Self.check(RPCListWriter.parameter, bytes, RPCListWriter.bytesMin ... .max)
        }
        let deliveries = try await database.read {
            // One more than asked for, to know whether there are more.
            try DeliveryLog($0).list(filter, after: params.after, limit: limit + 1)
        }
        var writer = RPCListWriter(bytesMax: context.listBytesMax(asked: params.bytesMax))
        for delivery in deliveries.prefix(limit) {
            guard writer.add(Array(try RPCCoding.encode(summary(delivery)).readableBytesView)) else { break }
        }
        if deliveries.count > limit { writer.endEarly() }
        return writer.result()
    }

    private func detail(_ id: String) async throws -> DeliveryDetail {
        let found = try await database.read { transaction in
            let log = DeliveryLog(transaction)
            return try log.message(id).map { ($0, try log.attempts(of: id)) }
        }
        guard let (message, attempts) = found else { throw Self.unknown(id) }
        let entries = attempts.map { attempt in
            DeliveryLogEntry(
                attempt: attempt.attempt, startedAt: timeText(attempt.startedAt.milliseconds),
                durationMilliseconds: Int(attempt.duration / .milliseconds(1)), status: attempt.status,
                error: attempt.error)
        }
        return DeliveryDetail(
            delivery: summary(message.delivery), body: String(decoding: message.body, as: UTF8.self), log: entries)
    }

    private func replay(_ params: DeliveryFilterParameters) async throws -> DeliveryReplay {
        var params = params
        // Without a word about it only what failed is meant, unless one callback is named.
        if params.id == nil { params.state = params.state ?? Delivery.State.failed.rawValue }
        let (filter, queue) = (try filter(params), queue)
        let (replayed, isKnown) = try await database.write { transaction in
            let replayed = try queue.replay(filter, in: transaction)
            return (replayed, try filter.id.map { try DeliveryLog(transaction).message($0) != nil } ?? true)
        }
        if let id = params.id, replayed.count == 0 {
            guard isKnown else { throw Self.unknown(id) }
            throw RPCError(
                .failedPrecondition, reason: "waiting", "expected a delivery that has ended, \(id.prefix(64)) has not")
        }
        return DeliveryReplay(replayed: replayed.count, more: replayed.more, filter: params)
    }

    private func filter(_ params: DeliveryFilterParameters) throws -> DeliveryFilter {
        var filter = DeliveryFilter()
        if let text = params.state {
            guard let state = Delivery.State(rawValue: text) else {
                let words = Delivery.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.refusal("state", "expected one of \(words)", type: "enum")
            }
            filter.state = state
        }
        for (name, seconds) in [("since", params.since), ("until", params.until)] {
            if let seconds { try Self.check(name, seconds, 0...(1 << 40)) }
        }
        filter.id = params.id
        filter.url = params.url
        filter.since = params.since.map { JobTime(milliseconds: Int64($0) * 1_000) }
        filter.until = params.until.map { JobTime(milliseconds: Int64($0) * 1_000) }
        return filter
    }

    /// A delivery as callers see it.
    package func summary(_ delivery: Delivery) -> DeliverySummary {
        func text(_ time: JobTime) -> String { timeText(time.milliseconds) }
        return DeliverySummary(
            id: delivery.id, url: delivery.url, state: delivery.state.rawValue, attempts: delivery.attempts,
            createdAt: text(delivery.createdAt), nextAt: delivery.nextAt.map(text), endedAt: delivery.endedAt.map(text),
            status: delivery.status, error: delivery.error)
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        if range.contains(value) { return }
        let type = value < range.lowerBound ? "greater_than_equal" : "less_than_equal"
        throw refusal(name, "expected \(range.lowerBound) to \(range.upperBound), found \(value)", type: type)
    }

    private static func refusal(_ name: String, _ message: String, type: String) -> RPCError {
        .invalidArguments([RPCViolation(path: [.name(name)], message: message, type: type)])
    }

    private static func unknown(_ id: String) -> RPCError {
        RPCError(.notFound, reason: "delivery", "no delivery with the id \(id.prefix(64))")
    }
}
