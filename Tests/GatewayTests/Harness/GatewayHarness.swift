import Gateway
import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport

/// A gateway with the façade of these tests on a free port, and a real RPC server as its service's double.
struct GatewayHarness {
    let gateway: GatewayServer
    let service: RPCServer
    let port: Int
    let servicePort: Int
    let log: CallLog

    /// Starts both, runs the body, stops both. With `servicePort` another service is called in the double's place.
    static func run(
        methods: RPCMethods? = nil, isServiceUp: Bool = true, servicePort: Int? = nil, documents: [[UInt8]] = [],
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayHarness) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let log = CallLog()
        var served = RPCServerConfiguration()
        served.gatewaySecret = "secret"
        let service = RPCServer(
            methods: methods ?? .double(log), configuration: served, group: group, logger: logger)
        let address = try await service.start()
        if !isServiceUp { await service.stop(grace: .zero) }
        var configuration = GatewayConfiguration()
        configuration.listen = ["test": "127.0.0.1:0"]
        // A busy machine must not turn an event that is late into a stream that has begun.
        configuration.eventHeadDelay = .seconds(30)
        configure(&configuration)
        let facade = try FacadeDocument.compile(yaml: Array(testFacade.utf8), file: "test.yaml")
        let place = HostPort(host: "127.0.0.1", port: servicePort ?? address.port!)
        let gateway = GatewayServer(
            facades: [facade],
            services: ServiceDirectory(
                ["test": [place]], credentials: ["test": ServiceCredentials(secret: "secret")], documents: documents),
            configuration: configuration, group: group, logger: logger)
        let port = try await gateway.start()["test"]!.port!
        let harness = GatewayHarness(
            gateway: gateway, service: service, port: port, servicePort: place.port, log: log)
        do {
            try await body(harness)
        } catch {
            await harness.stop()
            throw error
        }
        await harness.stop()
    }

    /// A new connection to the façade.
    func connect() async throws -> RawTCPClient {
        try await RawTCPClient(port: port)
    }

    /// One request on a connection of its own.
    func ask(_ request: String) async throws -> ReceivedAnswer {
        let client = try await connect()
        let answer = try await client.ask(request)
        await client.close()
        return answer
    }

    private func stop() async {
        await gateway.stop(grace: .zero)
        await service.stop(grace: .zero)
    }
}

/// The façade these tests speak to: one operation for each kind of answer.
let testFacade = """
    openapi: 3.1.0
    info: {title: Test, version: "1"}
    x-facade:
      name: test
      listen: 127.0.0.1:1
      success: {code: 0, data: $result, id: $requestID}
      errors:
        default:
          body: {code: $http.status, msg: $error.message, reason: $error.reason?, details: $error.details?}
          detail: {loc: $item.path, msg: $item.message, type: $item.type}
    paths:
      /records/{id}:
        get:
          operationId: record
          parameters:
            - {name: id, in: path, required: true, schema: {type: integer}}
            - {name: size, in: query, schema: {type: integer, maximum: 10}}
          responses: {"200": {description: ok}}
          x-rpc: {method: test.record}
      /echo:
        post:
          operationId: echo
          requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
          responses: {"200": {description: ok}}
          x-rpc: {method: test.echo, body: "*"}
      /wait:
        get:
          operationId: wait
          responses: {"200": {description: ok}}
          x-rpc: {method: test.wait}
      /meta:
        get:
          operationId: meta
          responses: {"200": {description: ok}}
          x-rpc: {method: test.meta}
      /files/{name}:
        get:
          operationId: file
          parameters:
            - {name: name, in: path, required: true, schema: {type: string}}
          responses: {"200": {description: ok}}
          x-rpc: {method: test.file, response: stream}
      /events:
        get:
          operationId: events
          parameters:
            - {name: kind, in: query, schema: {type: string}}
          responses: {"200": {description: ok}}
          x-rpc: {method: test.events, response: events, timeout: job}
      /nobody:
        get:
          operationId: nobody
          responses: {"200": {description: ok}}
          x-rpc: {method: absent.method}
    """
