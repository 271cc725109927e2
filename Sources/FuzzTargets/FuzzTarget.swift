/// Something that reads octets of strangers, and what must hold for all of them.
///
/// `make fuzz` looks for inputs that break it; the tests try the inputs kept in `Tests/FuzzTests/Corpus`.
package struct FuzzTarget: Sendable {
    /// Its name on the command line, and that of its folder in the corpus.
    package let name: String
    /// Throws when a property does not hold; a trap is the other way to fail.
    package let check: @Sendable ([UInt8]) throws(BrokenProperty) -> Void

    /// Every target.
    package static let all = [frames, json, requests, extended, replies, members, documents, translation]

    /// The target of this name.
    package static func named(_ name: String) -> FuzzTarget? {
        all.first { $0.name == name }
    }
}

/// What should have held, and what was found instead.
package struct BrokenProperty: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless a condition holds.
func require(_ holds: Bool, _ property: @autoclosure () -> String) throws(BrokenProperty) {
    if !holds { throw BrokenProperty(property()) }
}
