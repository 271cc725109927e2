import JSONBytes
import NIOCore
import RPC

/// The parameters of a call as a tree, and the notes about what is wrong with them.
struct CallFields {
    /// Octets of a page that a caller can ask for, at least.
    private static let bytesMin = RPCListWriter.bytesMin

    let object: JSONValue
    var fields = FieldCheck()

    init(_ params: ByteBuffer?) throws(RPCError) {
        object = try JSONValue(parameters: params)
        guard case .object = object else {
            fields.refuse([], FieldCheck.notAnObject, type: "model_attributes_type")
            throw .invalidArguments(fields.violations)
        }
    }

    /// Null counts as absent.
    private func member(_ name: String) -> JSONValue? { object[name]?.unlessNull }

    mutating func text(_ name: String) -> String { fields.text(object[name], at: [.name(name)], 0...1_000) ?? "" }

    mutating func optionalText(_ name: String) -> String? {
        fields.optionalText(object[name], at: [.name(name)], 0...1_000)
    }

    mutating func word(_ name: String, of words: [String]) -> String? {
        fields.word(member(name), at: [.name(name)], of: words)
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        fields.integer(member(name), at: [.name(name)], in: range) ?? value
    }

    /// `page` and `size`.
    mutating func part() -> ListPart {
        ListPart(
            page: integer("page", in: 1...Int(Int32.max), default: 1),
            size: integer("size", in: 1...ListPart.sizeMax, default: ListPart.sizeDefault))
    }

    /// How many octets the answer may have.
    mutating func bytesMax(_ context: RPCContext) -> Int {
        let asked = fields.integer(
            member(RPCListWriter.parameter), at: [.name(RPCListWriter.parameter)], in: Self.bytesMin...Int.max)
        return context.listBytesMax(asked: asked)
    }

    func check() throws(RPCError) { try fields.check() }
}
