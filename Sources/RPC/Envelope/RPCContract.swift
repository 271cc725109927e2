/// A method's name and types, shared by the service that offers it and the programs that call it.
public struct RPCContract<Params: Codable & Sendable, Result: Codable & Sendable>: Sendable {
    /// The method's name on the wire.
    public let name: String
    /// Doing it twice has the effect of once, so that a client may send it again when it cannot know what became of it.
    public let isIdempotent: Bool

    /// A contract for a method.
    public init(_ name: String, isIdempotent: Bool = false) {
        self.name = name
        self.isIdempotent = isIdempotent
    }
}

/// The parameters or result of a method that has none; `{}` on the wire.
public struct RPCNothing: Codable, Sendable, Hashable {
    /// Nothing.
    public init() {}
}
