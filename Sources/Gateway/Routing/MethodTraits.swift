import JSONBytes

/// What a service's document says of a method, as far as it decides how the method is called.
struct MethodTraits: Sendable, Hashable {
    /// Doing it twice has the effect of once (`x-idempotency: idempotent`).
    var isIdempotent = false
    /// It waits for something to happen (`x-long`).
    var isLong = false
    /// It goes on when its caller leaves (`x-detached`).
    var isDetached = false
}

extension MethodTraits {
    /// The methods of OpenRPC documents, by name. A document that is none says nothing.
    static func read(_ documents: [[UInt8]]) -> [String: MethodTraits] {
        var traits: [String: MethodTraits] = [:]
        for document in documents {
            guard let methods = try? JSONValue(parsing: document)["methods"]?.elements else { continue }
            for method in methods {
                guard let name = method["name"]?.string else { continue }
                traits[name] = MethodTraits(
                    isIdempotent: method["x-idempotency"]?.string == "idempotent", isLong: method["x-long"] == true,
                    isDetached: method["x-detached"] == true)
            }
        }
        return traits
    }
}
