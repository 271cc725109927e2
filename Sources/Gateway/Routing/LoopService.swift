import NIOCore
import RPC

/// One service as one loop sees it.
final class LoopService {
    let name: String
    private let replicas: [ServiceReplica]
    private let eventLoop: any EventLoop
    private var turn = 0

    init(name: String, replicas: [ServiceReplica], eventLoop: any EventLoop) {
        self.name = name
        self.replicas = replicas
        self.eventLoop = eventLoop
    }

    /// Starts a call on one of the replicas. The receiver hears of it after this has returned.
    func start(_ call: RPCCallRequest, lane: CallLane, receiver: any RPCCallReceiver) -> RPCCallHandle? {
        if let client = pick(lane) { return client.start(call, receiver: receiver) }
        var error = RPCError(
            .unavailable, reason: "service", "no address is configured for the service '\(name.prefix(100))'")
        error.notStarted = true
        eventLoop.assumeIsolated().execute { receiver.callFailed(error) }
        return nil
    }

    func close() {
        for replica in replicas { replica.close() }
    }

    /// Of two replicas in turn the one with fewer calls, a connected one before one that has to connect first.
    private func pick(_ lane: CallLane) -> RPCLoopClient? {
        if replicas.count < 2 { return replicas.first?.client(lane) }
        turn = (turn + 1) % replicas.count
        let one = replicas[turn].client(lane)
        let other = replicas[(turn + 1) % replicas.count].client(lane)
        if one.isReady != other.isReady { return one.isReady ? one : other }
        return one.callCount <= other.callCount ? one : other
    }
}

/// Calls that would stand in each other's way travel on connections of their own.
enum CallLane: Int, CaseIterable {
    /// Small and quick.
    case calls
    /// Large bodies and byte streams.
    case bulk
    /// Calls that wait for something to happen: they hold their place for minutes.
    case waits

    /// Bodies above this size are bulk: the wire carries them in chunks.
    private static let bulkBytesMin = 256 * 1024

    /// The lane of an operation's call.
    static func of(_ operation: CompiledOperation, params: ByteBuffer?) -> CallLane {
        if operation.response == .events || operation.timeout == nil { return .waits }
        return operation.response == .stream ? .bulk : of(params)
    }

    /// The lane of a call of which only the parameters are known.
    static func of(_ params: ByteBuffer?) -> CallLane {
        (params?.readableBytes ?? 0) > bulkBytesMin ? .bulk : .calls
    }
}

/// One address of a service: a client for each lane, made when it is first needed.
final class ServiceReplica {
    private let make: () -> RPCLoopClient
    private var clients: [RPCLoopClient?] = CallLane.allCases.map { _ in nil }

    init(make: @escaping () -> RPCLoopClient) {
        self.make = make
    }

    func client(_ lane: CallLane) -> RPCLoopClient {
        if let client = clients[lane.rawValue] { return client }
        let client = make()
        clients[lane.rawValue] = client
        return client
    }

    func close() {
        for client in clients { client?.close() }
    }
}
