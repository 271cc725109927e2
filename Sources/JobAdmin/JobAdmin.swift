package import Database
package import JobQueue
package import RPC
import ServiceContracts

import struct NIOCore.ByteBuffer

/// Answers what operators ask about the jobs and queues of a service.
package struct JobAdmin: Sendable {
    /// Jobs of one answer, unless the caller says a number.
    private static let listDefault = 50
    private static let listLimits = 1...1_000
    private static let redriveDefault = 100
    private static let redriveMax = 1_000

    private let methods: JobMethods
    let queue: JobQueue
    private let database: any Database

    package init(service: String, queue: JobQueue, database: any Database) {
        methods = JobMethods(service: service)
        self.queue = queue
        self.database = database
    }

    package func register(in registry: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        registry.register(methods.list.name, options: idempotent) { context in try await list(context) }
        registry.register(methods.show, options: idempotent) { params, _ in try await show(params.id) }
        let long = RPCMethodOptions(timeout: Self.watchTimeout, isLong: true, isIdempotent: true)
        registry.register(methods.watch, options: long) { params, context in try await watch(params.id, context) }
        registry.register(methods.cancel, options: idempotent) { params, _ in try await cancel(params.id) }
        registry.register(methods.redrive) { params, _ in try await redrive(params) }
        registry.register(methods.queues, options: idempotent) { _, _ in
            try await read { JobQueueList(items: try queue.queues(in: $0).map(JobQueueDescription.init)) }
        }
        registry.register(methods.pause, options: idempotent) { params, _ in
            try await change(params.queue) { try queue.pause(params.queue, in: $0) }
        }
        registry.register(methods.resume, options: idempotent) { params, _ in
            try await change(params.queue) { try queue.resume(params.queue, in: $0) }
        }
        registry.register(methods.cap, options: idempotent) { params, _ in
            guard (params.cap ?? 0) >= 0 else {
                throw RPCError(.invalidArgument, reason: "cap", "expected a cap of 0 or more, found \(params.cap ?? 0)")
            }
            return try await change(params.queue) { try queue.setCap(params.cap, of: params.queue, in: $0) }
        }
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        let params = try RPCCoding.decode(JobListParameters.self, from: context.params)
        var filter = try JobFilter(params.filter)
        filter.before = params.before.map { JobID(rawValue: $0) }
        let (asked, limit) = (filter, params.limit ?? Self.listDefault)
        try Self.check("limit", limit, Self.listLimits)
        if let bytes = params.bytesMax {
            try Self.check(RPCListWriter.parameter, bytes, RPCListWriter.bytesMin ... .max)
        }
        let page = try await read { try queue.jobs(asked, limit: limit, in: $0) }
        var writer = RPCListWriter(bytesMax: context.listBytesMax(asked: params.bytesMax))
        var last: JobID?
        for job in page.jobs {
            let item = try RPCCoding.encode(JobDescription(job))
            guard writer.add(Array(item.readableBytesView)) else { break }
            last = job.id
        }
        if page.next != nil { writer.endEarly() }
        return writer.result(next: last?.rawValue)
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        let type = value < range.lowerBound ? "greater_than_equal" : "less_than_equal"
        let message = "expected \(range.lowerBound) to \(range.upperBound), found \(value)"
        throw RPCError.invalidArguments([RPCViolation(path: [.name(name)], message: message, type: type)])
    }

    func show(_ id: Int64) async throws -> JobDescription {
        try await read { try description(of: id, in: $0) }
    }

    private func cancel(_ id: Int64) async throws -> JobDescription {
        try await write { transaction in
            _ = try queue.cancel(JobID(rawValue: id), in: transaction)
            return try description(of: id, in: transaction)
        }
    }

    private func redrive(_ params: JobRedriveParameters) async throws -> JobRedriveResult {
        var filter = try JobFilter(params.filter)
        filter.only = params.id.map { JobID(rawValue: $0) }
        let (asked, limit) = (filter, min(params.limit ?? Self.redriveDefault, Self.redriveMax))
        return try await write { transaction in
            let report = try queue.redrive(asked, limit: limit, in: transaction)
            return JobRedriveResult(
                filter: JobFilterParameters(report.filter), matched: report.matched,
                redriven: report.redriven.map { .init(old: $0.old.rawValue, new: $0.new.rawValue) })
        }
    }

    private func change(
        _ name: String, _ body: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws -> JobQueueDescription {
        try await write { transaction in
            // A misspelt name would make a queue that nobody serves.
            guard try queue.queues(in: transaction).contains(where: { $0.name == name }) || queue.serves(name) else {
                throw RPCError(.notFound, reason: "queue", "no queue with the name \(name.prefix(64))")
            }
            try body(transaction)
            guard let changed = try queue.queues(in: transaction).first(where: { $0.name == name }) else {
                throw RPCError(.notFound, reason: "queue", "no queue with the name \(name.prefix(64))")
            }
            return JobQueueDescription(changed)
        }
    }

    private func description(of id: Int64, in transaction: any Transaction) throws -> JobDescription {
        guard let job = try queue.snapshot(of: JobID(rawValue: id), in: transaction) else {
            throw RPCError(.notFound, reason: "job", "no job with the number \(id)")
        }
        var description = JobDescription(job)
        description.progress = try queue.progress(of: job.id, in: transaction).map {
            .init(done: $0.done, total: $0.total, note: $0.note)
        }
        return description
    }

    private func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await translating { try await database.read(body) }
    }

    private func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await translating { try await database.write(body) }
    }

    func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            guard error.isTransient || error.isFatal else {
                throw RPCError(.internal, reason: "store", "the store of jobs failed")
            }
            var fault = RPCError(.unavailable, reason: "store", "the store of jobs does not answer, try again")
            fault.retryAfter = .seconds(1)
            throw fault
        }
    }
}
