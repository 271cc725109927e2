/// The XML of a sheet around its rows.
struct SheetFrame {
    /// From the beginning to the end of the dimension's tag, which has room for any dimension: the only place before the
    /// rows that depends on their number.
    let opening: [UInt8]
    /// From there to the end of the header row.
    let head: [UInt8]
    /// From the end of the rows on.
    let tail: [UInt8]

    private static let dimension = Array("<dimension ref=\"".utf8)
    private static let dimensionEnd = Array("\"/>".utf8)
    /// `A1:XFD1048576`
    private static let dimensionBytesMax = 13
    private static let rows = Array("<sheetData>".utf8)
    private static let rowEnd = Array("</row>".utf8)
    private static let rowsEnd = Array("</sheetData>".utf8)
    private static let noRows = Array("<sheetData/>".utf8)

    /// Cuts what libxlsxwriter wrote for a sheet with a header and at most one more row.
    init(_ xml: [UInt8], path: String) throws(SpreadsheetError) {
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
            return
        }
        guard let begin = rest.firstRange(of: Self.rows),
            let header = rest[begin.upperBound...].firstRange(of: Self.rowEnd),
            let end = rest[header.upperBound...].firstRange(of: Self.rowsEnd)
        else { throw .damaged(path: path, reason: "its sheet has no rows where they were expected") }
        head = Array(rest[..<header.upperBound])
        tail = Array(rest[end.lowerBound...])
    }
}
