import JSONBytes

extension FieldCheck {
    /// An amount above zero; nil when absent, null or wrong.
    mutating func cost(_ value: JSONValue?, at path: Path) -> Cost? {
        guard let value, value != .null else { return nil }
        guard let number = value.double ?? value.string.flatMap({ Double($0) }) else {
            if case .string = value {
                refuse(
                    path, "Input should be a valid number, unable to parse string as a number", type: "float_parsing")
            } else {
                refuse(path, "Input should be a valid number", type: "float_type")
            }
            return nil
        }
        guard number > 0 else {
            refuse(path, "Input should be greater than 0", type: "greater_than")
            return nil
        }
        guard let cost = Cost(number) else {
            refuse(path, "Input should be less than or equal to \(Cost.most.text)", type: "less_than_equal")
            return nil
        }
        // Less than a millionth is no budget at all.
        return max(cost, Cost(millionths: 1))
    }
}
