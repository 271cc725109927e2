import Gateway
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport

/// Runs a case over sockets: the gateway on a free port, and a real RPC server that replies as the case says.
final class FacadeCaseServer: Sendable {
    private let testCase: FacadeCase
    private let received = Mutex<[(method: String, params: ByteBuffer?)]>([])
    private let receivedMeta = Mutex<JSONValue?>(nil)

    init(_ testCase: FacadeCase) {
        self.testCase = testCase
    }

    /// The calls the service got.
    var calls: [(method: String, params: ByteBuffer?)] { received.withLock { $0 } }

    /// The metadata of the last call, as far as cases ask for it.
    var meta: JSONValue? { receivedMeta.withLock { $0 } }

    func run() async throws -> ReceivedAnswer {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "case") { _ in SwiftLogNoOpLogHandler() }
        var served = RPCServerConfiguration()
        served.gatewaySecret = "secret"
        let service = RPCServer(methods: methods, configuration: served, group: group, logger: logger)
        let address = try await service.start()
        let facade = try FacadeDocument.compile(yaml: Array(testCase.facade.yaml.utf8), file: testCase.facade.file)
        var configuration = GatewayConfiguration()
        configuration.listen = [facade.name: "127.0.0.1:0"]
        configuration.eventHeadDelay = .seconds(30)
        var options = FacadeOptions()
        options.callers = try await testCase.guarding?.options() ?? options.callers
        configuration.facades[facade.name] = options
        if let limit = testCase.bodyBytesMax { configuration.limits.bodyBytesMax = limit }
        let names = Set(facade.operations.map { String($0.method.prefix { $0 != "." }) })
        let place = HostPort(host: "127.0.0.1", port: address.port!)
        var directory = ServiceDirectory(
            Dictionary(uniqueKeysWithValues: names.map { ($0, [place]) }),
            credentials: Dictionary(uniqueKeysWithValues: names.map { ($0, ServiceCredentials(secret: "secret")) }))
        // A case says what one call becomes.
        directory.retries.triesMax = 1
        let gateway = GatewayServer(
            facades: [facade], services: directory, configuration: configuration, group: group, logger: logger)
        let result: Result<ReceivedAnswer, any Error>
        do {
            let port = try await gateway.start()[facade.name]!.port!
            result = .success(try await ask(port))
        } catch {
            result = .failure(error)
        }
        await gateway.stop(grace: .zero)
        await service.stop(grace: .zero)
        return try result.get()
    }

    private func ask(_ port: Int) async throws -> ReceivedAnswer {
        let fields = testCase.headers.map { "\($0.0): \($0.1)" }
        let client = try await RawTCPClient(port: port)
        let body = testCase.body.isEmpty ? nil : testCase.body
        let text = request("\(testCase.method) \(testCase.target)", fields: fields, body: body)
        for _ in 0..<(testCase.guarding?.again ?? 0) { _ = try await client.ask(text) }
        let answer = try await client.ask(text)
        await client.close()
        return answer
    }

    /// The one method the case expects a call of; any other is answered as unknown, which no case expects.
    private var methods: RPCMethods {
        var methods = RPCMethods()
        guard let call = testCase.call else { return methods }
        if case .stream(let head, let body) = testCase.reply {
            methods.registerStream(call.method) { context, opener in
                self.note(context)
                let writer = try await opener.open(RPCContent(caseHead: head))
                try await writer.write(ByteBuffer(string: body))
            }
        } else {
            methods.register(
                call.method,
                raw: { context in
                    self.note(context)
                    for event in self.testCase.events {
                        let data = ByteBuffer(bytes: event.data.bytes)
                        switch event.kind {
                        case .progress: context.progress(data)
                        case .item: try await context.item(data)
                        case .log: throw FacadeCaseError(file: self.testCase.name, reason: "a handler logs nothing")
                        }
                    }
                    return try self.reply()
                })
        }
        return methods
    }

    private func note(_ context: RPCContext) {
        receivedMeta.withLock { $0 = context.meta.asCaseShowsIt }
        received.withLock { $0.append((context.method, context.params)) }
    }

    private func reply() throws -> ByteBuffer {
        switch testCase.reply {
        case .result(let value): ByteBuffer(bytes: value.bytes)
        case .error(let value): throw RPCError(wire: value)
        case .stream: ByteBuffer()
        }
    }
}

extension RPCContent {
    fileprivate init(caseHead head: [(String, String)]) {
        let values = Dictionary(head) { first, _ in first }
        self.init(
            type: values["type"] ?? "", name: values["name"], size: values["size"].flatMap { Int($0) },
            etag: values["etag"], modified: values["modified"].flatMap { Int($0) })
        status = values["status"].flatMap { Int($0) }
        let range = (values["range"] ?? "").split(whereSeparator: { "-/".contains($0) }).compactMap { Int($0) }
        if range.count == 3 { self.range = .init(first: range[0], last: range[1], total: range[2]) }
    }
}

extension RPCMeta {
    /// The members that a case may name, in wire spelling.
    fileprivate var asCaseShowsIt: JSONValue {
        var members: [JSONMember] = []
        func add(_ name: String, _ value: JSONValue?) { if let value { members.append(JSONMember(name, value)) } }
        add("timeout_ms", timeout.map { JSONValue(integerLiteral: Int($0 / .milliseconds(1))) })
        add("request_id", requestID.map { .string($0) })
        add("traceparent", traceparent.map { .string($0) })
        add("after", stream?.after.map { JSONValue(integerLiteral: $0) })
        add("facade", http.map { .string($0.facade) })
        add("principal", principal.flatMap { try? JSONValue(parsing: $0.readableBytesView) })
        add("range", http?.range.map { .string($0) })
        add("if_none_match", http?.ifNoneMatch.map { .string($0) })
        return .object(members)
    }
}
