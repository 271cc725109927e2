import JSONBytes
import NIOCore

/// A number that stays whole while it can: a client that subtracts integers expects an integer.
enum DemoNumber {
    case whole(Int)
    case fraction(Double)

    init?(_ value: JSONValue) {
        if let integer = value.integer {
            self = .whole(integer)
        } else if let double = value.double, double.isFinite {
            self = .fraction(double)
        } else {
            return nil
        }
    }

    static func + (left: DemoNumber, right: DemoNumber) -> DemoNumber {
        if case .whole(let left) = left, case .whole(let right) = right {
            let (sum, overflow) = left.addingReportingOverflow(right)
            if !overflow { return .whole(sum) }
        }
        return .fraction(left.double + right.double)
    }

    static func - (left: DemoNumber, right: DemoNumber) -> DemoNumber {
        if case .whole(let left) = left, case .whole(let right) = right {
            let (difference, overflow) = left.subtractingReportingOverflow(right)
            if !overflow { return .whole(difference) }
        }
        return .fraction(left.double - right.double)
    }

    private var double: Double {
        switch self {
        case .whole(let value): Double(value)
        case .fraction(let value): value
        }
    }

    var json: ByteBuffer {
        var writer = JSONWriter()
        switch self {
        case .whole(let value): writer.integer(value)
        case .fraction(let value): writer.double(value)
        }
        return ByteBuffer(bytes: writer.bytes)
    }
}
