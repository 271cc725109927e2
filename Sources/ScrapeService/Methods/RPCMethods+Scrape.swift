import NIOCore
import RPC

extension RPCMethods {
    /// Adds a method of the scraper, which says errors of the store as callers should see them.
    mutating func add(
        _ name: String, _ options: RPCMethodOptions, _ body: @escaping @Sendable (RPCContext) async throws -> ByteBuffer
    ) {
        register(
            name, options: options, raw: { context in try await ScrapeFaults.translating { try await body(context) } })
    }
}
