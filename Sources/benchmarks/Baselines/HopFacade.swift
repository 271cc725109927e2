import TestSupport

/// A façade of our own whose only call is echoed by the demo service: what is measured is the way there and back.
enum HopFacade {
    static let name = "benchmark"
    /// A record of about 240 octets, envelope included.
    static let path = "/record?id=4711&title=one+small+record&status=2&bytes=11991&key=8179a23ee79761f3d12f6891870c4468"

    /// Takes a body of any kind and answers little.
    static let bodyPath = "/body"

    /// The setting that makes the system serve it, once its document is in `directory`.
    static func install(in directory: TemporaryDirectory) throws -> [String: String] {
        try directory.write(document, to: "facades/benchmark.yaml")
        return ["PAILOU_GATEWAY_FACADES": directory.path("facades")]
    }

    private static let document = """
        openapi: 3.1.0
        info: {title: Benchmark, version: "1"}
        x-facade:
          name: \(name)
          listen: 127.0.0.1:8099
          success: {errcode: 0, msg: "", data: $result, request_id: $requestID}
          errors:
            default:
              body: {errcode: $http.status, msg: $error.message, data: null, request_id: $requestID}
        paths:
          /record:
            get:
              operationId: record
              parameters:
                - {name: id, in: query, required: true, schema: {type: integer}}
                - {name: title, in: query, required: true, schema: {type: string}}
                - {name: status, in: query, required: true, schema: {type: integer}}
                - {name: bytes, in: query, required: true, schema: {type: integer}}
                - {name: key, in: query, required: true, schema: {type: string}}
              responses:
                "200": {description: The parameters again.}
              x-rpc: {method: demo.echo}
          \(bodyPath):
            post:
              operationId: swallow
              requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
              responses:
                "200": {description: Nothing of the body.}
              x-rpc: {method: get_data, body: "*"}

        """
}
