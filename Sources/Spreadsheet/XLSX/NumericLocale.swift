import CXLSXWriter
import Glibc

/// Keeps the process's locale out of the file.
///
/// libxlsxwriter prints with `fprintf`, so in a process that called `setlocale` a number would get a decimal comma and the
/// file would be damaged. The calling thread uses the C locale while it is inside the library.
enum NumericLocale {
    /// The categories that are not named are C too. Never freed; nil only if memory ran out before anything was written.
    nonisolated(unsafe) private static let c = newlocale(LC_NUMERIC_MASK, "C", nil)

    @inline(__always)
    static func inside<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let previous = uselocale(c)
        defer { uselocale(previous) }
        return try body()
    }

    /// What libxlsxwriter would write for a value.
    static func sixteenDigits(of value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            inside {
                _ = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, "%.16G", $0) }
                return String(cString: buffer.baseAddress!)
            }
        }
    }
}
