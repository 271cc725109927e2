import CISAL
import CZlib

/// Compresses a stream of octets into raw deflate (RFC 1951), piece by piece.
protocol Deflater: AnyObject {
    /// Takes a piece; hands on what is ready, in pieces of its own.
    func write(
        _ piece: UnsafeRawBufferPointer, isLast: Bool,
        to sink: (UnsafeRawBufferPointer) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError)
}

extension XLSXCompression {
    func makeDeflater() throws(SpreadsheetError) -> any Deflater {
        switch self {
        case .fast: try ISALDeflater()
        case .small: try ZlibDeflater()
        }
    }
}

/// What both compressors write into.
private let outputBytes = 128 * 1024

/// ISA-L's level 1: several times as fast as zlib's.
final class ISALDeflater: Deflater {
    private let stream: OpaquePointer
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: outputBytes, alignment: 16)

    init() throws(SpreadsheetError) {
        guard let stream = pailou_isal_new() else {
            throw .library(operation: "compress", path: "a sheet", reason: "there is no memory")
        }
        self.stream = OpaquePointer(stream)
    }

    deinit {
        pailou_isal_free(.init(stream))
        output.deallocate()
    }

    func write(
        _ piece: UnsafeRawBufferPointer, isLast: Bool,
        to sink: (UnsafeRawBufferPointer) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        pailou_isal_input(.init(stream), piece.baseAddress, UInt32(piece.count), isLast ? 1 : 0)
        var written: UInt32 = 0
        repeat {
            let code = pailou_isal_deflate(.init(stream), output.baseAddress, UInt32(output.count), &written)
            guard code == 0 else {
                throw .library(operation: "compress", path: "a sheet", reason: "ISA-L answered \(code)")
            }
            if written > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<Int(written)])) }
        } while Int(written) == output.count
    }
}

/// zlib's level 6 as `Z_FILTERED`, which leaves short repetitions to the code of letters: they cost more than they save in
/// rows, where most of what repeats is long. One to two hundredths smaller than the default, and no slower.
final class ZlibDeflater: Deflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: outputBytes, alignment: 16)

    private static let level: Int32 = 6

    init() throws(SpreadsheetError) {
        stream.initialize(to: z_stream())
        guard pailou_deflate_begin(stream, Self.level, Z_FILTERED) == Z_OK else {
            throw .library(operation: "compress", path: "a sheet", reason: "there is no memory")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    func write(
        _ piece: UnsafeRawBufferPointer, isLast: Bool,
        to sink: (UnsafeRawBufferPointer) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(piece.count)
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            let code = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            guard code != Z_STREAM_ERROR else {
                throw .library(operation: "compress", path: "a sheet", reason: "zlib answered \(code)")
            }
            let written = output.count - Int(stream.pointee.avail_out)
            if written > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<written])) }
        } while stream.pointee.avail_out == 0
    }
}

/// The CRC-32 of zip (IEEE 802.3).
struct Checksum {
    private(set) var value: UInt32 = 0
    private(set) var count = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = pailou_isal_crc32(value, bytes.baseAddress, UInt64(bytes.count))
        count += bytes.count
    }

    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    /// The checksum of what this one saw, and after it what `next` saw.
    func followed(by next: Checksum) -> Checksum {
        var both = self
        both.value = UInt32(crc32_combine(uLong(value), uLong(next.value), next.count))
        both.count += next.count
        return both
    }
}
