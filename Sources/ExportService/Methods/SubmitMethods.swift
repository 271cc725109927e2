import Idempotency
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RPC
import ServiceContracts

/// `export.http.submit` and `export.raw.submit`: the parameters are the documented body.
struct SubmitMethods: Sendable {
    let rules: ExportRules
    let keyed: KeyedCalls
    let requests: RequestRules
    let passwords: PasswordKeeper?

    func register(in methods: inout RPCMethods) {
        // Detached: what a client has sent counts, also when it does not wait for the answer.
        let options = RPCMethodOptions(isDetached: true, isIdempotent: true, isKeyed: true)
        methods.register(ExportMethods.submitHTTP, options: options, raw: { try await submitHTTP($0) })
        methods.register(ExportMethods.submitRaw, options: options, raw: { try await submitRaw($0) })
    }

    private func submitHTTP(_ context: RPCContext) async throws -> ByteBuffer {
        let params = context.params
        // A body may be megabytes: reading and hashing it is no work for an event loop.
        var submission = try await withTaskExecutorPreference(globalConcurrentExecutor) { try await read(params) }
        submission.base = context.meta.http?.base
        let accepted = submission
        return try await ServiceFaults.translating {
            try await keyed.answer(context) { call in
                let answer = try await rules.submit(accepted, call)
                note(accepted, context)
                return answer
            }
        }
    }

    private func submitRaw(_ context: RPCContext) async throws -> ByteBuffer {
        let (params, file) = (context.params, rules.rows.temporaryPath())
        let intake = RawIntake(rules: requests, passwords: passwords, path: file)
        return try await ServiceFaults.translating {
            try await keyed.answer(context) { call in
                var submission = try await RowsKeeper.threads.runIfActive { try intake.take(params) }
                submission.base = context.meta.http?.base
                let answer = try await rules.submit(submission, rowsIn: file, call)
                note(submission, context)
                return answer
            }
        }
    }

    private func note(_ submission: Submission, _ context: RPCContext) {
        context.logger.info(
            "export submitted", metadata: ["key": "\(submission.key)", "user_id": "\(submission.request.userID)"])
    }

    @concurrent
    private func read(_ params: ByteBuffer?) async throws -> Submission {
        let parameters = try ParameterFields(params)
        let request = try requests.check(parameters.object, .http)
        guard let passwords, let members = parameters.object.members, request.password != nil else {
            let body = parameters.object.canonicalBytes
            let stored = PasswordKeeper.stripped(parameters.object.members ?? [])
            let isWhole = stored.count == parameters.object.members?.count
            return Submission(
                request: request, body: isWhole ? body : JSONValue.object(stored).canonicalBytes,
                key: HashKey(ofCanonical: body))
        }
        let key = HashKey(of: .object(passwords.named(members)))
        let stored = JSONValue.object(try passwords.sealed(members, for: key))
        return Submission(request: request, body: stored.canonicalBytes, key: key)
    }
}
