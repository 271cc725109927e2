/// The XML of a sheet around its rows.
struct SheetFrame: Equatable {
    /// From the beginning to the end of the dimension's tag, which has room for any dimension: the only place before the
    /// rows that depends on their number.
    let opening: [UInt8]
    /// From there to the end of the header row.
    let head: [UInt8]
    /// From the end of the rows on.
    let tail: [UInt8]
    /// The styles of the sample's cells, one per column; none if there is no sample.
    let styles: [Int]

    private static let dimension = Array("<dimension ref=\"".utf8)
    private static let dimensionEnd = Array("\"/>".utf8)
    /// `A1:XFD1048576`
    private static let dimensionBytesMax = 13
    private static let rows = Array("<sheetData>".utf8)
    private static let rowEnd = Array("</row>".utf8)
    private static let rowsEnd = Array("</sheetData>".utf8)
    private static let noRows = Array("<sheetData/>".utf8)

    /// Cuts what libxlsxwriter wrote for a sheet with a header, a sample if the table has rows, and maybe a row of totals.
    init(_ xml: [UInt8], table: SheetTable, path: String) throws(SpreadsheetError) {
        guard let place = xml.firstRange(of: Self.dimension),
            let placeEnd = xml[place.upperBound...].firstRange(of: Self.dimensionEnd),
            placeEnd.lowerBound - place.upperBound <= Self.dimensionBytesMax
        else { throw .damaged(path: path, reason: "its sheet has no dimension where it was expected") }
        let padding = Self.dimensionBytesMax - (placeEnd.lowerBound - place.upperBound)
        opening =
            xml[..<placeEnd.lowerBound] + Array("\"".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding)
            + Array("/>".utf8)
        let rest = xml[placeEnd.upperBound...]
        if let empty = rest.firstRange(of: Self.noRows) {
            head = rest[..<empty.lowerBound] + Self.rows
            tail = Self.rowsEnd + rest[empty.upperBound...]
            styles = []
            return
        }
        guard let begin = rest.firstRange(of: Self.rows),
            let header = Self.end(ofRows: table.headerRows, in: rest[begin.upperBound...]),
            let sample = table.rows > 0 ? Self.end(ofRows: 1, in: rest[header...]) : header,
            rest[sample...].firstRange(of: Self.rowsEnd) != nil
        else { throw .damaged(path: path, reason: "its sheet has no rows where they were expected") }
        head = Array(rest[..<header])
        tail = Array(rest[sample...])
        styles = Self.styles(in: rest[header..<sample])
    }

    /// True if the rows begin in the same place and after the same octets, but for the dimension.
    func begins(as other: SheetFrame) -> Bool { head == other.head && opening.count == other.opening.count }

    /// Where so many rows end.
    private static func end(ofRows count: Int, in xml: ArraySlice<UInt8>) -> Int? {
        var position = xml.startIndex
        for _ in 0..<count {
            guard let end = xml[position...].firstRange(of: rowEnd) else { return nil }
            position = end.upperBound
        }
        return position
    }

    /// `<c r="A2" s="3">` → 3; 0 for a cell without.
    private static func styles(in row: ArraySlice<UInt8>) -> [Int] {
        String(decoding: row, as: UTF8.self).split(separator: "<c ").dropFirst().map { cell in
            let tag = cell.prefix { $0 != ">" }
            guard let style = tag.firstRange(of: " s=\"") else { return 0 }
            return Int(tag[style.upperBound...].prefix { $0 != "\"" }) ?? 0
        }
    }
}
