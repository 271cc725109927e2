/// What one path or query value must be, from its JSON Schema.
///
/// `pattern` and `format` are documentation here: the service checks them, because an expression from a file run over
/// a stranger's text on the event loop has no bound.
struct ParameterSchema: Sendable {
    enum Kind: String, Sendable {
        case string, integer, number, boolean
    }

    var kind = Kind.string
    /// The only texts allowed, in the document's order; nil: any.
    var allowed: [String]?
    /// The JSON text that stands for an absent value.
    var defaultValue: [UInt8]?
    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?
    /// Counted in Unicode scalars, as JSON Schema does.
    var minLength: Int?
    var maxLength: Int?

    /// True when every text is allowed, so that none has to be decoded to be judged.
    var isAnyString: Bool { kind == .string && allowed == nil && minLength == nil && maxLength == nil }
}

/// Why a value is not what its schema asks for, in the words clients of FastAPI know.
struct ParameterFault: Error, Equatable {
    let type: String
    let message: String
}
