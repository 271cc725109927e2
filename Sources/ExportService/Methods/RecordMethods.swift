import Idempotency
import NIOCore
import RPC
import ServiceContracts

/// `export.job.*`: looking at exports and steering them.
struct RecordMethods: Sendable {
    let rules: ExportRules
    let keyed: KeyedCalls

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.register(ExportMethods.get, options: idempotent) { params, _ in
            try await ServiceFaults.translating { try await detail(params.key) }
        }
        methods.register(ExportMethods.cancel, options: idempotent) { params, _ in
            try await ServiceFaults.translating {
                try await rules.cancel(try key(params.key))
                return try await detail(params.key)
            }
        }
        methods.register(
            ExportMethods.retry.name, options: RPCMethodOptions(isKeyed: true),
            raw: { context in
                let params = try RPCCoding.decode(ExportKeyParameters.self, from: context.params)
                return try await ServiceFaults.translating {
                    try await keyed.answer(context) { try await rules.retry(try key(params.key), $0) }
                }
            })
        methods.register(ExportMethods.history.name, options: idempotent) { context in
            try await ServiceFaults.translating { try await history(context) }
        }
    }

    private func key(_ text: String) throws -> HashKey {
        guard let key = HashKey(text) else { throw ServiceFaults.unknown(text) }
        return key
    }

    private func detail(_ text: String) async throws -> ExportDetail {
        guard let detail = try await rules.detail(try key(text)) else { throw ServiceFaults.unknown(text) }
        return detail
    }

    private func history(_ context: RPCContext) async throws -> ByteBuffer {
        let params = try RPCCoding.decode(ExportHistoryParameters.self, from: context.params)
        var fields = RequestFields()
        guard let user = params.userID ?? params.uid else {
            fields.refuse(["user_id"], RequestFields.missing, type: "missing")
            throw fields.refusal
        }
        for (name, value, least) in [
            ("page", params.page, 1), ("limit", params.limit, 1), ("after", params.after, 1),
            (RPCListWriter.parameter, params.bytesMax, RPCListWriter.bytesMin),
        ] {
            guard let value, value < least else { continue }
            fields.refuse([name], "expected at least \(least), found \(value)", type: "greater_than_equal")
        }
        guard fields.violations.isEmpty else { throw fields.refusal }
        let part = HistoryPart(page: params.page, limit: params.limit, after: params.after)
        let bytesMax = context.listBytesMax(asked: params.bytesMax)
        return try await rules.history(of: user, part, bytesMax: bytesMax).result()
    }
}
