import NIOCore
import RPC

/// The specification's two methods that calculate.
enum DemoArithmetic {
    /// `subtract(minuend, subtrahend)`, by position or by name.
    @Sendable
    static func subtract(_ context: RPCContext) throws -> ByteBuffer {
        let (minuend, subtrahend) = try DemoParameters(context.params).numbers("minuend", "subtrahend")
        return (minuend - subtrahend).json
    }

    /// `sum(1, 2, 4)`, by position only.
    @Sendable
    static func sum(_ context: RPCContext) throws -> ByteBuffer {
        let parameters = try DemoParameters(context.params)
        guard let elements = parameters.elements else {
            throw DemoParameters.complaint([], "expected an array of numbers", "list_type")
        }
        var total = DemoNumber.whole(0)
        for (index, element) in elements.enumerated() {
            total = total + (try parameters.number(element, [.index(index)]))
        }
        return total.json
    }
}
