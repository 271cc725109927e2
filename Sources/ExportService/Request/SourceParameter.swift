package import JSONBytes

/// A parameter of the source's own, sent with every page.
package struct SourceParameter: Sendable, Equatable {
    package var name: String
    package var value: JSONValue

    /// The value as it stands in a query string, before percent-encoding; nil for what a query cannot carry.
    package var queryText: String? {
        switch value {
        case .string(let text): text
        case .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .null: ""
        case .object, .array: nil
        }
    }
}
