/// A method's name and types, shared by the service that offers it and the programs that call it.
public struct RPCContract<Params: Codable & Sendable, Result: Codable & Sendable>: Sendable {
    /// The method's name on the wire.
    public let name: String

    /// A contract for a method.
    public init(_ name: String) {
        self.name = name
    }
}

/// The parameters or result of a method that has none; `{}` on the wire.
public struct RPCNothing: Codable, Sendable, Hashable {
    /// Nothing.
    public init() {}
}
