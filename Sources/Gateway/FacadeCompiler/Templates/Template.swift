/// Fixed bytes, and between them the places where an answer's own values go.
struct Template: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case fixed([UInt8])
        /// A value, or null where there is none.
        case value(TemplateReference)
        /// A value with what stands before it (its name, its comma), or nothing at all where there is none.
        case optional(before: [UInt8], TemplateReference)
        /// Fixed bytes that begin with a comma, which falls away behind an opening bracket: all before it was dropped.
        case joined([UInt8])
    }

    let pieces: [Piece]

    /// Octets that every answer of this template has.
    let fixedCount: Int

    init(pieces: [Piece]) {
        self.pieces = pieces
        fixedCount = pieces.reduce(0) { count, piece in
            switch piece {
            case .fixed(let bytes), .joined(let bytes): count + bytes.count
            case .value, .optional: count
            }
        }
    }

    /// True when the answer is the result itself.
    var isBareResult: Bool { pieces == [.value(.result([]))] }
}
