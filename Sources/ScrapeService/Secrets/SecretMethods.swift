import Database
import HTTPFetch
import JSONBytes
import Logging
import NIOCore
import RPC
import Secrets
import ServiceContracts

/// `scrape.account.*` and `scrape.proxy.*`: secrets come in and are never shown again.
struct SecretMethods: Sendable {
    let kind: SecretKind
    let database: any Database
    let sealer: SecretSealer
    let rates: ProxyRates
    let http: any HTTPFetcher
    /// Which addresses proxies may have.
    let proxyPolicy: AddressPolicy
    /// What a proxy is tried with.
    let target: String
    let now: @Sendable () -> Int64

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.add(named("create"), .init(isDetached: true), create)
        methods.add(named("list"), idempotent, list)
        methods.add(named("get"), idempotent) { reply(try await record(try name($0))) }
        methods.add(named("update"), .init(isDetached: true, isIdempotent: true), update)
        methods.add(named("delete"), .init(isDetached: true), delete)
        if kind == .proxy { methods.add(named("check"), .init(timeout: .seconds(60)), check) }
    }

    private func named(_ verb: String) -> String { "scrape.\(kind.rawValue).\(verb)" }

    private var idMember: String { "\(kind.rawValue)_id" }

    private var unknown: RPCError {
        RPCError(.notFound, reason: kind.rawValue, kind == .account ? "Account not found" : "Proxy not found")
    }

    private func name(_ context: RPCContext) throws -> String {
        var call = try CallFields(context.params)
        let name = call.text(idMember)
        try call.check()
        return name
    }

    /// What is shown of one: the record, and why the API does not serve it.
    private typealias Shown = (record: SecretRecord, trouble: CredentialTrouble?)

    private func record(_ name: String) async throws -> Shown {
        let (kind, sealer) = (kind, sealer)
        let found = try await database.read { transaction in
            try SecretStore(transaction, sealer).record(kind, name).map { try Self.shown($0, kind, transaction) }
        }
        guard let found else { throw unknown }
        return found
    }

    private static func shown(
        _ record: SecretRecord, _ kind: SecretKind, _ transaction: any Transaction
    ) throws -> Shown {
        (record, kind == .account ? try TroubleStore(transaction).trouble(of: record.name) : nil)
    }

    private func create(_ context: RPCContext) async throws -> ByteBuffer {
        let body = try SecretBody(try CallFields(context.params).object, kind, at: [], isNew: true)
        let (kind, sealer, now) = (kind, sealer, now())
        let name = body.name ?? PublicName.make(kind.rawValue)
        let isNew = try await database.write(admission: .newWork) {
            try SecretStore($0, sealer).insert(kind, name, body.change, at: now)
        }
        guard isNew else {
            throw RPCError(.alreadyExists, reason: "id", "the id \(name.prefix(200)) is taken; expected one of its own")
        }
        return reply(try await record(name))
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let part = call.part()
        let bytesMax = call.bytesMax(context)
        try call.check()
        let (kind, sealer) = (kind, sealer)
        let (records, total) = try await database.read { transaction in
            let (items, total) = try SecretStore(transaction, sealer).records(kind, part)
            return (try items.map { try Self.shown($0, kind, transaction) }, total)
        }
        var page = PageWriter(bytesMax: bytesMax)
        for record in records { page.add { write(record, to: &$0) } }
        return ByteBuffer(bytes: page.finish(total: total, page: part.page, size: part.size))
    }

    private func update(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text(idMember)
        if call.object["changes"] == nil { call.fields.missing(["changes"]) }
        try call.check()
        let body = try SecretBody(call.object["changes"] ?? .null, kind, at: ["changes"], isNew: false)
        let (kind, sealer, now) = (kind, sealer, now())
        try await database.write { transaction in
            try SecretStore(transaction, sealer).update(kind, name, body.change, at: now)
            if kind == .account, body.change.secret != nil { try TroubleStore(transaction).clear(name) }
        }
        if kind == .proxy, body.change.secret != nil { rates.forget(name) }
        return reply(try await record(name))
    }

    private func delete(_ context: RPCContext) async throws -> ByteBuffer {
        let (kind, sealer, name) = (kind, sealer, try name(context))
        let isGone = try await database.write { transaction in
            if kind == .account { try TroubleStore(transaction).clear(name) }
            return try SecretStore(transaction, sealer).delete(kind, name)
        }
        guard isGone else { throw unknown }
        if kind == .proxy { rates.forget(name) }
        return ByteBuffer(string: "{}")
    }

    /// Asks for something through the proxy; any answer at all will do.
    private func check(_ context: RPCContext) async throws -> ByteBuffer {
        let (kind, sealer, name) = (kind, sealer, try name(context))
        guard let url = try await database.read({ try SecretStore($0, sealer).secret(kind, name) }) else {
            throw unknown
        }
        let request = HTTPFetchRequest(
            url: target, limits: HTTPFetchLimits(timeout: .seconds(30)), policy: nil, proxy: url,
            proxyPolicy: proxyPolicy)
        let begin = ContinuousClock.now
        var failure: String?
        do throws(HTTPFetchError) {
            _ = try await http.fetch(request)
        } catch {
            if error == .cancelled { throw CancellationError() }
            failure = Self.words(error)
            context.logger.info("a proxy does not answer", metadata: ["proxy": "\(name)", "error": "\(error)"])
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("ok")
        writer.bool(failure == nil)
        writer.number("latency_ms", Int(begin.duration(to: .now) / .milliseconds(1)))
        writer.text("error", failure)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    /// Not what happened in full: who may name a proxy could feel his way through a network with it.
    private static func words(_ error: HTTPFetchError) -> String {
        switch error {
        case .addressDenied: "the proxy's address is local, private or reserved, and not in scrape.allowedProxies"
        case .invalidProxy: "the proxy's URL is none"
        case .timedOut: "no answer came through the proxy in time"
        default: "no answer came through the proxy"
        }
    }

    private func reply(_ record: Shown) -> ByteBuffer {
        var writer = JSONWriter()
        write(record, to: &writer)
        return ByteBuffer(bytes: writer.bytes)
    }

    private func write(_ shown: Shown, to writer: inout JSONWriter) {
        let record = shown.record
        writer.beginObject()
        writer.text("id", record.name)
        writer.text("name", record.label)
        switch kind {
        case .proxy: writeProxy(record, to: &writer)
        case .account:
            writer.key("trouble")
            if let trouble = shown.trouble {
                writer.beginObject()
                writer.members(of: trouble)
                writer.endObject()
            } else {
                writer.null()
            }
        }
        writer.text("created_at", UTCTime.text(record.createdAt))
        writer.text("updated_at", record.updatedAt.map(UTCTime.text))
        writer.endObject()
    }

    private func writeProxy(_ record: SecretRecord, to writer: inout JSONWriter) {
        let calls = record.calls + rates.pending(record.name)
        let reached = calls.calls - calls.failures
        writer.text("url", record.shown)
        writer.key("shared")
        writer.bool(record.isShared)
        writer.number("calls", calls.calls)
        writer.number("failures", calls.failures)
        writer.key("success_rate")
        if calls.calls > 0 { writer.double(Double(reached) / Double(calls.calls)) } else { writer.null() }
        writer.key("latency_ms")
        if reached > 0 { writer.integer(calls.latencyMilliseconds / reached) } else { writer.null() }
        writer.key("resting")
        writer.bool(rates.isResting(record.name))
    }
}
