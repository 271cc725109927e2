internal import JSONBytes

/// One documented path or query value of an operation, and the RPC parameter it becomes.
struct RequestParameter: Sendable {
    enum Source: Sendable, Equatable {
        /// The position among the route's braces.
        case path(Int)
        case query

        /// What stands in front of a violation's location.
        var name: String { self == .query ? "query" : "path" }
    }

    let source: Source
    /// As the document spells it.
    let documentedName: String
    /// As the RPC method spells it.
    let name: String
    let isRequired: Bool
    let schema: ParameterSchema
    /// The quoted name and the colon, ready to be written.
    let key: [UInt8]

    init(source: Source, documentedName: String, name: String, isRequired: Bool, schema: ParameterSchema) {
        self.source = source
        self.documentedName = documentedName
        self.name = name
        self.isRequired = isRequired
        self.schema = schema
        var writer = JSONWriter()
        writer.key(name)
        self.key = writer.bytes
    }
}
