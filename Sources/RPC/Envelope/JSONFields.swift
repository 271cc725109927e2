import JSONBytes
import NIOCore

/// The members of a small object of our own protocol, read by name: hello, cancel, credit, an error's data.
///
/// The octets must have been validated. A member that is absent, null or of another kind reads as nil.
struct JSONFields {
    private let object: ByteBuffer

    /// Nil when the value is no object.
    init?(_ value: ByteBuffer?) {
        guard let value, value.withUnsafeReadableBytes({ JSONScanner.kind(of: $0) }) == .object else { return nil }
        object = value
    }

    /// For octets that have not been validated yet; nil when they are no object.
    init?(validating value: ByteBuffer) {
        guard (try? value.withUnsafeReadableBytes({ try JSONValidator.validate($0) })) != nil else { return nil }
        self.init(value)
    }

    func raw(_ name: String, _ kind: JSONKind) -> ByteBuffer? {
        find(name) { bytes, range in
            JSONScanner.kind(of: JSONScanner.slice(bytes, range)) == kind ? range : nil
        }
        .flatMap { object.getSlice(at: object.readerIndex + $0.lowerBound, length: $0.count) }
    }

    func any(_ name: String) -> ByteBuffer? {
        find(name) { $1 }.flatMap { object.getSlice(at: object.readerIndex + $0.lowerBound, length: $0.count) }
    }

    func string(_ name: String) -> String? {
        find(name) { bytes, range in
            let value = JSONScanner.slice(bytes, range)
            return JSONScanner.kind(of: value) == .string ? JSONScanner.string(value) : nil
        }
    }

    func integer(_ name: String) -> Int? {
        find(name) { bytes, range in JSONScanner.integer(JSONScanner.slice(bytes, range)) }
    }

    func bool(_ name: String) -> Bool? {
        find(name) { bytes, range in
            switch JSONScanner.kind(of: JSONScanner.slice(bytes, range)) {
            case .true: true
            case .false: false
            default: nil
            }
        }
    }

    func strings(_ name: String) -> [String]? {
        elements(name) { JSONScanner.kind(of: $0) == .string ? JSONScanner.string($0) : nil }
    }

    func integers(_ name: String) -> [Int]? {
        elements(name) { JSONScanner.integer($0) }
    }

    private func elements<T>(_ name: String, _ read: (UnsafeRawBufferPointer) -> T?) -> [T]? {
        guard let list = raw(name, .array) else { return nil }
        return list.withUnsafeReadableBytes { bytes in
            var elements: [T] = []
            JSONScanner.forEachElement(of: bytes) { range in
                if let element = read(JSONScanner.slice(bytes, range)) { elements.append(element) }
                return true
            }
            return elements
        }
    }

    private func find<T>(_ name: String, _ read: (UnsafeRawBufferPointer, Range<Int>) -> T?) -> T? {
        object.withUnsafeReadableBytes { bytes in
            JSONScanner.member(name, of: bytes).flatMap { read(bytes, $0) }
        }
    }
}
