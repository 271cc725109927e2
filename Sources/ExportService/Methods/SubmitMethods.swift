import JSONBytes
import Logging
import NIOCore
import RPC
import ServiceContracts

/// `export.http.submit` and `export.raw.submit`: the parameters are the documented body.
struct SubmitMethods: Sendable {
    let rules: ExportRules
    let requests: RequestRules

    func register(in methods: inout RPCMethods) {
        // Detached: what a client has sent counts, also when it does not wait for the answer.
        let options = RPCMethodOptions(isDetached: true, isIdempotent: true)
        methods.register(ExportMethods.submitHTTP, options: options, raw: { try await submit($0, .http) })
        methods.register(ExportMethods.submitRaw, options: options, raw: { try await submit($0, .raw) })
    }

    private func submit(_ context: RPCContext, _ kind: RequestRules.Kind) async throws -> ByteBuffer {
        let params = context.params
        // A body may be megabytes: reading and hashing it is no work for an event loop.
        let (request, body) = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await read(params, kind)
        }
        let base = context.meta.http?.base
        let key = try await ServiceFaults.translating { try await rules.submit(request, body: body, base: base) }
        context.logger.info("export submitted", metadata: ["key": "\(key)", "user_id": "\(request.userID)"])
        return ByteBuffer(string: #"{"hash_key":"\#(key)"}"#)
    }

    @concurrent
    private func read(
        _ params: ByteBuffer?, _ kind: RequestRules.Kind
    ) async throws -> (request: ExportRequest, body: [UInt8]) {
        let parameters = try ParameterFields(params)
        return (try requests.check(parameters.object, kind), parameters.object.canonicalBytes)
    }
}
