package import NIOCore

/// A page of the demo source, in the format every source has to have. Octets are written directly: trials ask for
/// millions of rows, and the time should be the exporter's.
package struct DemoPage: Sendable {
    package static let totalDefault = 500
    package static let totalMax = 5_000_000
    package static let limitDefault = 10
    package static let limitMax = 10_000

    package let page: Int
    package let limit: Int
    package let total: Int

    package init(page: Int = 1, limit: Int = limitDefault, total: Int = totalDefault) {
        self.page = page
        self.limit = limit
        self.total = total
    }

    /// Rounded up.
    var pageCount: Int { total / limit + (total % limit == 0 ? 0 : 1) }

    /// The ids of the page's rows; none beyond the end.
    var ids: Range<Int> {
        let (first, isBeyond) = (page - 1).multipliedReportingOverflow(by: limit)
        guard !isBeyond, first < total else { return 0..<0 }
        return first..<min(total, first + limit)
    }

    /// `{"data":[header, rows…],"pagetag":{…}}`. The header's order differs from the rows', as in the document.
    package func write(to buffer: inout ByteBuffer) {
        buffer.reserveCapacity(minimumWritableBytes: ids.count * 40 + 256)
        buffer.writeStaticString(#"{"data":[{"Age":"年龄","ID":"编号","Name":"姓名"}"#)
        for id in ids {
            buffer.writeStaticString(#",{"ID":"#)
            buffer.writeDecimal(id)
            buffer.writeStaticString(#","Name":"Demo","Age":15}"#)
        }
        buffer.writeStaticString(#"],"pagetag":{"page":"#)
        buffer.writeDecimal(page)
        buffer.writeStaticString(#","limit":"#)
        buffer.writeDecimal(limit)
        buffer.writeStaticString(#","total":"#)
        buffer.writeDecimal(total)
        buffer.writeStaticString(#","total_page":"#)
        buffer.writeDecimal(pageCount)
        buffer.writeStaticString("}}")
    }
}

extension ByteBuffer {
    /// A number that is not negative, without a `String`.
    fileprivate mutating func writeDecimal(_ number: Int) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { space in
            var digits = 1
            var rest = number
            while rest >= 10 {
                rest /= 10
                digits += 1
            }
            rest = number
            for index in stride(from: digits - 1, through: 0, by: -1) {
                space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return digits
        }
    }
}
