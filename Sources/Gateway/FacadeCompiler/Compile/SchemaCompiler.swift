import NIOCore

/// Compiles the schema of one path or query parameter.
struct SchemaCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems

    /// The schema of a parameter; what it can not mean is reported.
    func compile(_ parameter: DocumentNode) -> ParameterSchema {
        guard let member = parameter.member("schema"), let node = references.resolve(member.value) else {
            problems.report(parameter.line, "expected a schema with the parameter's type")
            return ParameterSchema()
        }
        var schema = ParameterSchema(kind: kind(node))
        schema.allowed = allowed(node["enum"])
        schema.minimum = number(node["minimum"])
        schema.maximum = number(node["maximum"])
        schema.exclusiveMinimum = number(node["exclusiveMinimum"])
        schema.exclusiveMaximum = number(node["exclusiveMaximum"])
        schema.minLength = length(node["minLength"])
        schema.maxLength = length(node["maxLength"])
        schema.defaultValue = node["default"].flatMap { defaultValue($0, schema) }
        return schema
    }

    /// A text has one type; `["integer", "null"]` says of a query only that it may be absent.
    private func kind(_ schema: DocumentNode) -> ParameterSchema.Kind {
        let type = schema["type"]
        let names = (type?.elements ?? [type].compactMap { $0 }).compactMap(\.string).filter { $0 != "null" }
        if names.count == 1, let kind = ParameterSchema.Kind(rawValue: names[0]) { return kind }
        problems.report(
            type?.line ?? schema.line, "expected the type of a path or query value: string, integer, number or boolean")
        return .string
    }

    private func allowed(_ node: DocumentNode?) -> [String]? {
        guard let node else { return nil }
        let texts = (node.elements ?? []).compactMap { element in
            switch element.content {
            case .string(let text), .number(let text): text
            default: nil
            }
        }
        if texts.isEmpty || texts.count != node.elements?.count {
            problems.report(node.line, "expected enum to be a list of texts or numbers")
        }
        return texts
    }

    private func number(_ node: DocumentNode?) -> Double? {
        guard let node else { return nil }
        if node.double == nil { problems.report(node.line, "expected a number, found \(node.kind)") }
        return node.double
    }

    private func length(_ node: DocumentNode?) -> Int? {
        guard let node else { return nil }
        if let length = node.integer, length >= 0 { return length }
        problems.report(node.line, "expected a length, found \(node.kind)")
        return nil
    }

    /// A default that its own schema refuses would reach the service unseen.
    private func defaultValue(_ node: DocumentNode, _ schema: ParameterSchema) -> [UInt8]? {
        let text: String? =
            switch node.content {
            case .string(let text), .number(let text): text
            case .bool(let value): value ? "true" : "false"
            default: nil
            }
        var buffer = ByteBuffer()
        if let text, (try? schema.write(text, to: &buffer)) != nil { return Array(buffer.readableBytesView) }
        problems.report(node.line, "the default is not what its own schema allows")
        return nil
    }
}
