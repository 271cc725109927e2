import JSONBytes
import NIOCore
import RPC

/// Parameters of a call as a tree, and the notes about what is wrong with them. For small objects.
struct ParameterFields {
    let object: JSONValue
    var fields = RequestFields()

    init(_ params: ByteBuffer?) throws(RPCError) {
        object = try JSONValue(parameters: params)
        guard case .object = object else {
            fields.refuse([], "expected an object, found \(object.kindInWords)", type: "model_type")
            throw fields.refusal
        }
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        fields.integer(fields.optional(name, of: object), at: [name], in: range) ?? value
    }

    mutating func text(_ name: String, charactersMax: Int) -> String? {
        fields.text(fields.required(name, of: object, at: []), at: [name], charactersMax: charactersMax)
    }

    mutating func optionalInteger(_ name: String) -> Int? {
        fields.integer(fields.optional(name, of: object), at: [name], in: Int.min...Int.max)
    }

    mutating func optionalText(_ name: String, charactersMax: Int) -> String? {
        fields.text(fields.optional(name, of: object), at: [name], charactersMax: charactersMax, allowEmpty: true)
    }

    /// Throws what was noted.
    func check() throws(RPCError) {
        if !fields.violations.isEmpty { throw fields.refusal }
    }
}
