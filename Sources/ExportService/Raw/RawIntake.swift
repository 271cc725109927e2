import Artifacts
import Crypto
import JSONBytes
import NIOCore
import RPC

/// Takes in the body of a raw export in one pass over the octets as they arrived: its rows, which may be megabytes, go
/// to the disk and into the key piece by piece and are never held a second time.
///
/// Blocks: to be run on a thread that may.
struct RawIntake {
    static let rowsMember = "source_raw"

    let rules: RequestRules
    let passwords: PasswordKeeper?
    /// Where the rows go; the file is there afterwards unless this throws.
    let path: String

    /// Throws the violations of the whole body, or a `FileTree.Failure`.
    func take(_ params: ByteBuffer?) throws -> Submission {
        do {
            return try (params ?? ByteBuffer(string: "{}")).withUnsafeReadableBytes { try take($0) }
        } catch {
            FileTree.remove(path)
            throw error
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) throws -> Submission {
        let (members, rows) = try members(of: bytes)
        let body = JSONValue.object(members)
        var hash = CanonicalHash(passwords?.named(members) ?? members)
        var violation = RPCViolation(path: RawRowsReader.path, message: RequestFields.missing, type: "missing")
        if let rows {
            let value = JSONScanner.slice(bytes, rows)
            let found = try store(value, &hash)
            guard let found else {
                let request = try rules.check(body, .raw)
                let key = hash.finish()
                let stored = try passwords?.sealed(members, for: key) ?? PasswordKeeper.stripped(members)
                return Submission(request: request, body: JSONValue.object(stored).canonicalBytes, key: key)
            }
            violation = found
        }
        _ = try rules.check(body, .raw, found: [violation])
        throw RPCError.invalidArguments([violation])
    }

    /// The members besides the rows, and where those stand; of equal names the first counts, as everywhere.
    private func members(of bytes: UnsafeRawBufferPointer) throws -> ([JSONMember], rows: Range<Int>?) {
        guard JSONScanner.kind(of: bytes) == .object else {
            throw RPCError.invalidArguments([
                RPCViolation(path: [], message: "expected an object, found another value", type: "model_type")
            ])
        }
        var members: [JSONMember] = []
        var rows: Range<Int>?
        var hasRows = false
        try JSONScanner.forEachMember(of: bytes) { key, value in
            let name = JSONScanner.text(JSONScanner.slice(bytes, key))
            if name != Self.rowsMember {
                members.append(JSONMember(name, try JSONValue(parsing: JSONScanner.slice(bytes, value))))
            } else if !hasRows {
                hasRows = true
                if JSONScanner.kind(of: JSONScanner.slice(bytes, value)) != .null { rows = value }
            }
            return true
        }
        return (members, rows)
    }

    /// Writes the rows; answers what is wrong with them.
    private func store(_ value: UnsafeRawBufferPointer, _ hash: inout CanonicalHash) throws -> RPCViolation? {
        guard JSONScanner.kind(of: value) == .string else {
            let kind = try JSONValue(parsing: value).kindInWords
            return RawRowsReader.violation(
                "expected a string that holds a JSON array, found \(kind)", type: "string_type")
        }
        let file = try RowsFile.Writer(path: path)
        var reader = RawRowsReader()
        try JSONScanner.forEachUnescapedPiece(of: JSONScanner.slice(value, 1..<value.count - 1)) { piece in
            hash.update(piece)
            try reader.consume(piece) { try file.append($0) }
        }
        try file.finish()
        return reader.finish()
    }
}

/// The MD5 of a raw export's canonical body, its rows given piece by piece where they belong.
struct CanonicalHash {
    private var hash = Insecure.MD5()
    private var writer = JSONWriter()
    private let rest: [UInt8]

    /// - Parameter members: All but the rows.
    init(_ members: [JSONMember]) {
        let name = RawIntake.rowsMember
        let before = members.filter { $0.key.utf8.lexicographicallyPrecedes(name.utf8) }
        let behind = members.filter { name.utf8.lexicographicallyPrecedes($0.key.utf8) }
        let (first, last) = (Self.inner(before), Self.inner(behind))
        hash.update(data: Array("{".utf8) + first + Array("\(first.isEmpty ? "" : ",")\"\(name)\":\"".utf8))
        rest = Array("\"\(last.isEmpty ? "" : ",")".utf8) + last + Array("}".utf8)
    }

    /// The next octets of the rows' text, escapes undone.
    mutating func update(_ piece: UnsafeRawBufferPointer) {
        writer.removeAll()
        writer.string(utf8: piece)
        writer.bytes.withUnsafeBytes { hash.update(bufferPointer: .init(rebasing: $0.dropFirst().dropLast())) }
    }

    mutating func finish() -> HashKey {
        hash.update(data: rest)
        return HashKey(hash.finalize())
    }

    /// Canonical members without the brackets around them.
    private static func inner(_ members: [JSONMember]) -> [UInt8] {
        Array(JSONValue.object(members).canonicalBytes.dropFirst().dropLast())
    }
}
