/// The violations a gateway can find, with pydantic's `type` words and texts, which document 000's clients expect.
extension ParameterFault {
    static let missing = ParameterFault(type: "missing", message: "Field required")
    static let notAnObject = ParameterFault(
        type: "model_attributes_type",
        message: "Input should be a valid dictionary or object to extract fields from")
    static let notAnInteger = ParameterFault(
        type: "int_parsing", message: "Input should be a valid integer, unable to parse string as an integer")
    static let integerTooLarge = ParameterFault(
        type: "int_parsing_size",
        message: "Unable to parse input string as an integer, exceeded maximum size")
    static let notANumber = ParameterFault(
        type: "float_parsing", message: "Input should be a valid number, unable to parse string as a number")
    static let notFinite = ParameterFault(type: "finite_number", message: "Input should be a finite number")
    static let notABoolean = ParameterFault(
        type: "bool_parsing", message: "Input should be a valid boolean, unable to interpret input")

    static func notAllowed(_ allowed: [String]) -> ParameterFault {
        let quoted = allowed.map { "'\($0)'" }
        let list =
            quoted.count < 2 ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + quoted.last!
        return ParameterFault(type: "enum", message: "Input should be \(list)")
    }

    static func below(_ minimum: Double) -> ParameterFault {
        ParameterFault(
            type: "greater_than_equal", message: "Input should be greater than or equal to \(text(minimum))")
    }

    static func above(_ maximum: Double) -> ParameterFault {
        ParameterFault(type: "less_than_equal", message: "Input should be less than or equal to \(text(maximum))")
    }

    static func notAbove(_ bound: Double) -> ParameterFault {
        ParameterFault(type: "greater_than", message: "Input should be greater than \(text(bound))")
    }

    static func notBelow(_ bound: Double) -> ParameterFault {
        ParameterFault(type: "less_than", message: "Input should be less than \(text(bound))")
    }

    static func tooShort(_ length: Int) -> ParameterFault {
        ParameterFault(type: "string_too_short", message: "String should have at least \(characters(length))")
    }

    static func tooLong(_ length: Int) -> ParameterFault {
        ParameterFault(type: "string_too_long", message: "String should have at most \(characters(length))")
    }

    private static func characters(_ count: Int) -> String {
        count == 1 ? "1 character" : "\(count) characters"
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
