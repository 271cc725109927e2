/// What the cells of a sheet look like. Plain by default: a bold header, bold totals, and nothing else.
package struct SheetStyle: Sendable, Equatable {
    package var header = CellStyle(isBold: true)
    package var cells = CellStyle()
    package var totals = CellStyle(isBold: true)
    /// Height of the captions' row in points; nil is as high as its font needs.
    package var headerHeight: Double?

    package init() {}
}

/// What a cell looks like, besides how its number is shown.
package struct CellStyle: Sendable, Equatable {
    package enum Alignment: String, Sendable, CaseIterable {
        case left, center, right
    }

    /// Nil is the workbook's own font.
    package var fontName: String?
    /// In points.
    package var fontSize: Double?
    package var isBold = false
    package var isItalic = false
    /// Of the text: 0xRRGGBB.
    package var color: Int?
    /// Of the cell: 0xRRGGBB.
    package var fill: Int?
    /// Nil aligns texts to the left and numbers to the right.
    package var alignment: Alignment?
    /// Texts that are too long go on in another line of the cell.
    package var wrapsText = false
    /// Thin lines around the cell.
    package var hasBorder = false

    package init(isBold: Bool = false) { self.isBold = isBold }
}
