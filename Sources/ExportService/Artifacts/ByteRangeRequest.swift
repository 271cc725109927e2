/// What a `Range` header asks of a file of known size (RFC 9110 §14): one range of bytes, or the whole.
package enum ByteRangeRequest: Sendable, Equatable {
    case whole
    case part(ClosedRange<Int>)
    /// Nothing of the file is in the range: 416.
    case unsatisfiable

    /// Several ranges, other units and malformed headers are ignored, as the standard allows.
    package init(header: String?, size: Int) {
        self = .whole
        guard let header, header.lowercased().hasPrefix("bytes=") else { return }
        let spec = header.dropFirst(6).filter { $0 != " " && $0 != "\t" }
        let parts = spec.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        switch (Self.position(parts[0]), Self.position(parts[1])) {
        case (nil, let suffix?) where parts[0].isEmpty:
            self = suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)...size - 1)
        case (let first?, nil) where parts[1].isEmpty:
            self = first < size ? .part(first...size - 1) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first...min(last, size - 1)) : .unsatisfiable
        default: break
        }
    }

    /// A number of any length; what no file can have is as good as the greatest number there is.
    private static func position(_ digits: Substring) -> Int? {
        digits.isEmpty ? nil : Int(digits) ?? .max
    }
}
