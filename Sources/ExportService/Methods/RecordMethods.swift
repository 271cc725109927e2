import NIOCore
import RPC
import ServiceContracts

/// `export.job.*`: looking at exports and steering them.
struct RecordMethods: Sendable {
    let rules: ExportRules

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
        methods.register(ExportMethods.retry) { params, _ in
            try await ServiceFaults.translating {
                try await rules.retry(try key(params.key))
                return try await detail(params.key)
            }
        }
        methods.register(ExportMethods.history, options: idempotent) { params, _ in
            try await ServiceFaults.translating { try await history(params) }
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

    private func history(_ params: ExportHistoryParameters) async throws -> [ExportSummary] {
        var fields = RequestFields()
        guard let user = params.userID ?? params.uid else {
            fields.refuse(["user_id"], "expected a value, found none", type: "missing")
            throw fields.refusal
        }
        if let page = params.page, page < 1 {
            fields.refuse(["page"], "expected at least 1, found \(page)", type: "greater_than_equal")
        }
        if let limit = params.limit, limit < 1 {
            fields.refuse(["limit"], "expected at least 1, found \(limit)", type: "greater_than_equal")
        }
        guard fields.violations.isEmpty else { throw fields.refusal }
        return try await rules.history(of: user, page: params.page, limit: params.limit)
    }
}
