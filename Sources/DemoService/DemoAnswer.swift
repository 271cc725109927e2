import NIOCore

/// Answers that are always the same.
enum DemoAnswer {
    static let null = ByteBuffer(string: "null")
    static let data = ByteBuffer(string: #"["hello",5]"#)

    /// An object with one whole number in it.
    static func object(_ name: StaticString, _ value: Int) -> ByteBuffer {
        ByteBuffer(string: "{\"\(name)\":\(value)}")
    }
}
