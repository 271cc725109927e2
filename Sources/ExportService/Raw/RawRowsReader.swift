import JSONBytes
import RPC

/// Reads the text of `source_raw` piece by piece: checks that it is a JSON array of objects, the first one the header,
/// and hands on each of them.
struct RawRowsReader {
    /// Octets of one row: it is held while it comes, and again when it is written and read.
    static let rowBytesMax = 8 << 20
    /// Octets of a piece between two looks at what is held.
    private static let stepBytes = 64 << 10

    static let path: [RPCViolation.PathElement] = [.name("source_raw")]

    private var validator = JSONValidator()
    private var splitter = JSONElementSplitter()
    private var syntax: JSONSyntaxError?
    /// What else is wrong; told only of a text that is JSON.
    private var fault: (message: String, type: String)?
    private var hasBegun = false
    private var count = 0

    /// Takes a piece; calls `body` with the rows that end in it, as long as nothing was wrong.
    mutating func consume(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard syntax == nil else { return }
        do {
            try validator.consume(piece)
        } catch {
            syntax = error
            return
        }
        checkKind(piece)
        var rest = piece
        while fault == nil, !rest.isEmpty {
            try split(UnsafeRawBufferPointer(rebasing: rest.prefix(Self.stepBytes)), body)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Self.stepBytes))
        }
    }

    private mutating func split(
        _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var (count, fault) = (count, fault)
        try splitter.consume(piece) { row in
            if fault == nil { fault = Self.fault(of: row, number: count) }
            count += 1
            if fault == nil { try body(row) }
        }
        if fault == nil, splitter.heldBytes > Self.rowBytesMax { fault = Self.tooLong(number: count) }
        (self.count, self.fault) = (count, fault)
    }

    private static func tooLong(number: Int) -> (message: String, type: String) {
        ("expected elements of at most \(rowBytesMax) octets, found more in element \(number)", "too_long")
    }

    /// What is wrong with the whole text, nil when nothing is.
    mutating func finish() -> RPCViolation? {
        if syntax == nil {
            do { try validator.finish() } catch { syntax = error }
        }
        if let syntax { return Self.violation("expected JSON: \(syntax)", type: "json_invalid") }
        if fault == nil, count == 0 { fault = Self.noHeader }
        return fault.map { Self.violation($0.message, type: $0.type) }
    }

    static func violation(_ message: String, type: String) -> RPCViolation {
        RPCViolation(path: path, message: message, type: type)
    }

    private static let noHeader = (
        message: "expected an object with at least one column as the first element, the header", type: "too_short"
    )

    private mutating func checkKind(_ piece: UnsafeRawBufferPointer) {
        guard !hasBegun, JSONScanner.trimmed(piece).count > 0 else { return }
        hasBegun = true
        if JSONScanner.kind(of: piece) != .array { fault = ("expected a JSON array", "list_type") }
    }

    private static func fault(of row: UnsafeRawBufferPointer, number: Int) -> (message: String, type: String)? {
        guard JSONScanner.kind(of: row) == .object else {
            return ("expected an object as element \(number)", "dict_type")
        }
        if row.count > rowBytesMax { return tooLong(number: number) }
        guard number == 0 else { return nil }
        var hasColumns = false
        JSONScanner.forEachMember(of: row) { _, _ in
            hasColumns = true
            return false
        }
        return hasColumns ? nil : noHeader
    }
}
