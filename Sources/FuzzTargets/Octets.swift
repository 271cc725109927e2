import JSONBytes
import NIOCore

extension [UInt8] {
    /// The octets as a value of their own: reading beyond its end is found.
    var buffer: ByteBuffer { ByteBuffer(bytes: self) }

    /// As text for a message; octets that are no text are shown as U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The parts between octets of one value; at most `parts` of them, the last with everything that is left.
    func cut(at separator: UInt8, parts: Int) -> [[UInt8]] {
        split(separator: separator, maxSplits: parts - 1, omittingEmptySubsequences: false).map([UInt8].init)
    }

    /// A number that depends on all octets, for choices that must be the same at every run.
    var choice: Int {
        Int(reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 } & 0x7FFF_FFFF)
    }
}

extension ByteBuffer {
    /// The readable octets.
    var octets: [UInt8] { Array(readableBytesView) }
}

/// The text as JSON, nil when it is none or nests deeper than `depthMax`.
func jsonValue(_ octets: [UInt8], depthMax: Int = JSONValidator.depthMaxDefault) -> JSONValue? {
    guard (try? octets.withUnsafeBytes({ try JSONValidator.validate($0, depthMax: depthMax) })) != nil else {
        return nil
    }
    return try? JSONValue(parsing: octets)
}
