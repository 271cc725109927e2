/// What a `$` word of a template stands for.
enum TemplateReference: Sendable, Equatable {
    /// `$result`, or a member of it found by this path of names.
    case result([String])
    case errorMessage, errorStatus, errorReason, errorDetails
    /// A member of the error's `data.info`.
    case errorInfo([String])
    case httpStatus, requestID, now
    /// A path or query value, by its place among the operation's parameters.
    case parameter(Int)
    case itemPath, itemMessage, itemType
}

/// Where a template stands, which decides what its words may name.
struct TemplateScope {
    enum Place {
        case success
        case error
        /// One element of `$error.details`.
        case detail
    }

    let place: Place
    /// The operation's parameters; nil in a façade's own templates, which belong to no operation.
    let parameters: [RequestParameter]?

    /// The meaning of a word without its `$` and `?`; nil if it names nothing here.
    func reference(_ word: Substring) -> TemplateReference? {
        let steps = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if steps.contains("") { return nil }
        let rest = Array(steps.dropFirst())
        if place == .detail { return item(steps) }
        switch (steps[0], place) {
        case ("http", _): return rest == ["status"] ? .httpStatus : nil
        case ("requestID", _): return rest.isEmpty ? .requestID : nil
        case ("now", _): return rest.isEmpty ? .now : nil
        case ("path", _), ("query", _): return rest.count == 1 ? parameter(steps[0], rest[0]) : nil
        case ("result", .success): return .result(rest)
        case ("error", .error): return error(rest)
        default: return nil
        }
    }

    private func item(_ steps: [String]) -> TemplateReference? {
        switch steps {
        case ["item", "path"]: .itemPath
        case ["item", "message"]: .itemMessage
        case ["item", "type"]: .itemType
        default: nil
        }
    }

    private func error(_ steps: [String]) -> TemplateReference? {
        switch steps {
        case ["message"]: .errorMessage
        case ["status"]: .errorStatus
        case ["reason"]: .errorReason
        case ["details"]: .errorDetails
        case let steps where steps.count > 1 && steps[0] == "info": .errorInfo(Array(steps.dropFirst()))
        default: nil
        }
    }

    private func parameter(_ source: String, _ name: String) -> TemplateReference? {
        let index = parameters?.firstIndex { $0.source.name == source && $0.documentedName == name }
        return index.map { .parameter($0) }
    }
}
