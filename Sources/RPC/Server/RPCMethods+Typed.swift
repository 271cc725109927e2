import FoundationEssentials
package import NIOCore

extension RPCMethods {
    /// Offers a method whose parameters and result are Swift types.
    ///
    /// Parameters that do not fit are answered INVALID_ARGUMENT, with the place and the kind of the mistake. For what
    /// is called often, `raw` spares the decoder.
    public mutating func register<Params, Result>(
        _ contract: RPCContract<Params, Result>, options: RPCMethodOptions = .init(),
        _ handler: @escaping @Sendable (Params, RPCContext) async throws -> Result
    ) {
        register(
            contract.name, options: options,
            raw: { context in
                let params = try RPCCoding.decode(Params.self, from: context.params)
                return try RPCCoding.encode(try await handler(params, context))
            })
    }
}

/// Foundation's coders, set up the one way we use them.
package enum RPCCoding {
    /// Decodes parameters or a result; absent ones read as `{}`.
    package static func decode<T: Decodable>(_ type: T.Type, from json: ByteBuffer?) throws(RPCError) -> T {
        let octets = json.map { Data($0.readableBytesView) } ?? Data("{}".utf8)
        do {
            return try JSONDecoder().decode(type, from: octets)
        } catch let error as DecodingError {
            throw .invalidArguments([RPCViolation(error)])
        } catch let error as RPCViolation {
            throw .invalidArguments([error])
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(.invalidArgument, "\(error)")
        }
    }

    /// Encodes parameters or a result: slashes as they are, members sorted, so that equal values are equal octets.
    package static func encode(_ value: some Encodable) throws(RPCError) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        do {
            return ByteBuffer(bytes: try encoder.encode(value))
        } catch {
            throw RPCError(.internal, "the value cannot be written as JSON: \(error)")
        }
    }
}

extension RPCViolation {
    /// Foundation's mistake in pydantic's words.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(path: Self.path(context.codingPath + [key]), message: "Field required", type: "missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let word = Self.word(for: type)
            self.init(
                path: Self.path(context.codingPath), message: "Input should be a valid \(word.name)", type: word.type)
        case .dataCorrupted(let context):
            self.init(
                path: Self.path(context.codingPath), message: context.debugDescription, type: "value_error")
        @unknown default:
            self.init(path: [], message: "Invalid parameters", type: "value_error")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> [PathElement] {
        keys.map { key in key.intValue.map(PathElement.index) ?? .name(key.stringValue) }
    }

    private static func word(for type: any Any.Type) -> (name: String, type: String) {
        switch type {
        case is String.Type: ("string", "string_type")
        case is Bool.Type: ("boolean", "bool_type")
        case is any BinaryInteger.Type: ("integer", "int_type")
        case is any BinaryFloatingPoint.Type: ("number", "float_type")
        case is [Any].Type: ("list", "list_type")
        default: ("dictionary", "dict_type")
        }
    }
}
