extension FacadeExample {
    /// A façade with every word that `protocol/rest/README.md` knows.
    static let document = Array(
        """
        openapi: 3.1.0
        info: {title: Shop, version: "1"}
        x-facade:
          name: shop
          listen: 127.0.0.1:9000
          success: {data: $result, id: $requestID, at: $now, status: $http.status, more: [$result.more?, "$$"]}
          errors:
            default: {body: {error: $error.message, info: $error.info.a.b, reason: $error.reason?, at: $now}}
            INVALID_ARGUMENT: {body: $error.details, detail: {loc: $item.path, msg: $item.message, type: $item.type}}
            NOT_FOUND.item: {status: 410, body: [$error.info.a?, $error.status?, $error.reason?, gone]}
        paths:
          /items/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: -5, exclusiveMaximum: 1e3}}]
            get:
              operationId: item
              parameters:
                - {name: size, in: query, schema: {type: number, exclusiveMinimum: 0, maximum: 1e30, default: 0.5}}
                - {name: words, in: query, required: true, schema: {type: string, minLength: 1, maxLength: 5}}
                - {name: sort, in: query, schema: {type: string, enum: [up, down, "1"], default: up}}
                - {name: all, in: query, schema: {type: boolean}}
                - {name: a b, in: query, schema: {type: string}}
              responses: {"201": {description: Done.}}
              x-rpc:
                method: shop.item.get
                rename: {size: weight}
                success: {i: $path.id, s: $query.size, w: "$query.words", o: {a: $query.sort?, b: $query.all?, c: 1, d: $result.a?}}
                errors: {NOT_FOUND: {body: {id: $path.id, size: $query.size?}}}
            post:
              requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
              x-rpc: {method: shop.item.set, body: item, timeout: 500ms, keyed: true}
            delete:
              responses: {"204": {description: Gone.}}
              x-rpc: {method: shop.item.delete, success: null}
          /items/special/{name}/parts/{part}:
            get:
              parameters:
                - {name: name, in: path, required: true, schema: {type: string}}
                - {name: part, in: path, required: true, schema: {type: string, maxLength: 3}}
              x-rpc: {method: shop.part, success: [$result.a.b?, $result.c?, $path.name, $path.part?]}
          /items:
            post:
              requestBody: {content: {application/json: {schema: {type: object}}}}
              x-rpc: {method: shop.item.add, body: "*", timeout: job, success: $result}
          /feed:
            get: {x-rpc: {method: shop.feed, response: events}}
          /file/x%20y:
            get: {x-rpc: {method: shop.file, response: stream}}
        """.utf8)
}
