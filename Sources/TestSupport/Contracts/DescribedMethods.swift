package import JSONBytes

/// A document of `protocol/rpc`, and what every such document has to keep.
package struct DescribedMethods: Sendable {
    package let document: JSONValue
    package let methods: [JSONValue]
    private let schemas: SchemaCheck

    package init(_ octets: some Collection<UInt8>) {
        document = (try? JSONValue(parsing: octets)) ?? .null
        methods = document["methods"]?.elements ?? []
        schemas = SchemaCheck(components: document["components"] ?? .null)
    }

    package var names: [String] { methods.compactMap { $0["name"]?.string } }

    /// What a method does not say of how it wants to be treated.
    package func omissions(of method: JSONValue) -> [String] {
        var found: [String] = []
        if !["idempotent", "keyed", "none"].contains(method["x-idempotency"]?.string) { found.append("x-idempotency") }
        if (method["x-timeout-ms"]?.integer ?? 0) <= 0 { found.append("x-timeout-ms") }
        for word in ["x-detached", "x-long"] where method[word]?.bool == nil { found.append(word) }
        if method["summary"]?.string?.isEmpty != false { found.append("summary") }
        return found
    }

    /// Where the method's own examples do not fit its schemas.
    package func exampleViolations(of method: JSONValue) -> [String] {
        let parameters = method["params"]?.elements ?? []
        return (method["examples"]?.elements ?? []).flatMap { example in
            let given = example["params"]?.elements ?? []
            let missing = parameters.filter { parameter in
                parameter["required"] == true && !given.contains { $0["name"] == parameter["name"] }
            }
            let violations = given.compactMap { value in
                let parameter = parameters.first { $0["name"] == value["name"] }
                return schemas.violation(of: value["value"] ?? .null, parameter?["schema"] ?? false)
            }
            let result = schemas.violation(of: example["result"]?["value"] ?? .null, resultSchema(of: method))
            return missing.map { "missing: \($0["name"] ?? .null)" } + violations + (result.map { [$0] } ?? [])
        }
    }

    /// What of an answer does not fit the schema that its method promises; nil when everything does.
    package func violation(of answer: JSONValue, by name: String) -> String? {
        guard let method = methods.first(where: { $0["name"]?.string == name }) else {
            return "\(name) is not described"
        }
        return schemas.violation(of: answer, resultSchema(of: method))
    }

    private func resultSchema(of method: JSONValue) -> JSONValue { method["result"]?["schema"] ?? false }
}
