import JSONBytes
import NIOCore
import RPC

/// The parameters of one call, by name or by position, with complaints in pydantic's words.
struct DemoParameters {
    private let value: JSONValue

    init(_ params: ByteBuffer?) throws {
        // The server validated them, so a failure here would be its mistake and not the caller's.
        value = try params.map { try JSONValue(parsing: $0.readableBytesView) } ?? .object([])
    }

    /// The elements of parameters given by position, nil for named ones.
    var elements: [JSONValue]? { value.elements }

    /// A whole number within bounds; its default when it is absent or null, a complaint when it has none.
    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(RPCError) -> Int {
        let path: [RPCViolation.PathElement] = [.name(name)]
        guard let found = value[name], found != .null else {
            if let fallback { return fallback }
            throw Self.complaint(path, "field required", "missing")
        }
        guard let number = found.integer else {
            throw Self.complaint(path, "expected an integer", "int_type")
        }
        guard number >= range.lowerBound else {
            throw Self.complaint(path, "expected at least \(range.lowerBound)", "greater_than_equal")
        }
        guard number <= range.upperBound else {
            throw Self.complaint(path, "expected at most \(range.upperBound)", "less_than_equal")
        }
        return number
    }

    /// True or false; its default when it is absent or null.
    func bool(_ name: String, default fallback: Bool) throws(RPCError) -> Bool {
        guard let found = value[name], found != .null else { return fallback }
        guard let flag = found.bool else {
            throw Self.complaint([.name(name)], "expected true or false", "bool_type")
        }
        return flag
    }

    /// The two numbers of a method that takes them by position or by name.
    func numbers(_ first: String, _ second: String) throws(RPCError) -> (DemoNumber, DemoNumber) {
        guard let elements else {
            return (try number(value[first], [.name(first)]), try number(value[second], [.name(second)]))
        }
        guard elements.count <= 2 else { throw Self.complaint([.index(2)], "expected two numbers", "too_long") }
        return (try number(value[0], [.index(0)]), try number(value[1], [.index(1)]))
    }

    /// A number somewhere in the parameters.
    func number(_ value: JSONValue?, _ path: [RPCViolation.PathElement]) throws(RPCError) -> DemoNumber {
        guard let value else { throw Self.complaint(path, "field required", "missing") }
        guard let number = DemoNumber(value) else { throw Self.complaint(path, "expected a number", "float_type") }
        return number
    }

    static func complaint(_ path: [RPCViolation.PathElement], _ message: String, _ type: String) -> RPCError {
        .invalidArguments([RPCViolation(path: path, message: message, type: type)])
    }
}
