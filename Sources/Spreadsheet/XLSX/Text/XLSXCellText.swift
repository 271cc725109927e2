/// The NUL-terminated texts that libxlsxwriter takes, in one buffer that is reused and only grows.
struct XLSXCellText: ~Copyable {
    private var output: UnsafeMutablePointer<UInt8>
    private var capacity = 4_096

    init() { output = .allocate(capacity: capacity) }

    deinit { output.deallocate() }

    /// Answers the text of a cell, valid until the next call.
    @inline(__always)
    mutating func encode(_ bytes: UnsafeRawBufferPointer, _ warnings: inout SheetWarnings) -> UnsafePointer<CChar> {
        reserve(XLSXTextEncoder.bytesMax(for: bytes.count) + 1)
        let encoded = XLSXTextEncoder.encode(bytes, as: .plain, into: output)
        warnings.note(encoded)
        output[encoded.count] = 0
        return UnsafeRawPointer(output).assumingMemoryBound(to: CChar.self)
    }

    mutating func encode(_ text: String, _ warnings: inout SheetWarnings) -> UnsafePointer<CChar> {
        var text = text
        return text.withUTF8 { encode(UnsafeRawBufferPointer($0), &warnings) }
    }

    private mutating func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        output.deallocate()
        capacity = needed.roundedUpToPowerOfTwo
        output = .allocate(capacity: capacity)
    }
}

extension SheetWarnings {
    @inline(__always)
    mutating func note(_ encoded: XLSXTextEncoder.Encoded) {
        if encoded.isCut { cutCells += 1 }
        if encoded.isRepaired { repairedCells += 1 }
    }
}

extension Int {
    var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
