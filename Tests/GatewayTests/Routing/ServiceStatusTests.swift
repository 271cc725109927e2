import RPC
import Testing

@testable import Gateway

/// What all loops of a process see of replicas, told once.
struct ServiceStatusTests {
    private final class Client {}

    @Test("a replica that all loops lose is told once, and its return when the last has it back")
    func toldOnce() {
        let status = ServiceStatus()
        let address = RPCAddress(host: "127.0.0.1", port: 7107)
        let (first, second) = (Client(), Client())
        #expect(status.note(address, isServing: false, by: first))
        #expect(!status.note(address, isServing: false, by: second))
        #expect(!status.note(address, isServing: true, by: first))
        #expect(status.note(address, isServing: true, by: second))
        #expect(!status.note(address, isServing: true, by: second))
        #expect(status.note(address, isServing: false, by: second))
    }

    @Test("a client that was closed does not count any more")
    func closed() {
        let status = ServiceStatus()
        let address = RPCAddress(host: "127.0.0.1", port: 7107)
        let (first, second) = (Client(), Client())
        #expect(status.note(address, isServing: false, by: first))
        status.forget(first)
        #expect(status.note(address, isServing: false, by: second))
        #expect(status.note(address, isServing: true, by: second))
    }
}
