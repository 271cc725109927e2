import DemoService
import Logging
import NIOCore
import NIOPosix
import RPC

/// Runs `body` with the port of a server that offers the demo methods.
func withDemoServer(_ body: (Int) async throws -> Void) async throws {
    let server = RPCServer(
        methods: DemoService.methods(), configuration: .init(), group: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test"))
    let address = try await server.start()
    do {
        try await body(address.port!)
    } catch {
        await server.stop(grace: .zero)
        throw error
    }
    await server.stop(grace: .zero)
}
