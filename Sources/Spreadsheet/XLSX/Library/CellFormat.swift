import CXLSXWriter

/// Makes libxlsxwriter's formats, which belong to their workbook.
enum CellFormat {
    /// 0 means no colour to the library; this is its black.
    private static let black: lxw_color_t = 0x100_0000

    /// Nil for a plain cell.
    static func make(
        _ style: CellStyle, _ numberFormat: String? = nil, in workbook: UnsafeMutablePointer<lxw_workbook>
    ) -> UnsafeMutablePointer<lxw_format>? {
        guard style != CellStyle() || numberFormat != nil, let format = workbook_add_format(workbook) else {
            return nil
        }
        if let numberFormat { format_set_num_format(format, numberFormat) }
        if let name = style.fontName { format_set_font_name(format, name) }
        if let size = style.fontSize { format_set_font_size(format, size) }
        if style.isBold { format_set_bold(format) }
        if style.isItalic { format_set_italic(format) }
        if style.wrapsText { format_set_text_wrap(format) }
        if style.hasBorder { format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue)) }
        if let color = style.color { format_set_font_color(format, Self.color(color)) }
        if let fill = style.fill {
            format_set_pattern(format, UInt8(LXW_PATTERN_SOLID.rawValue))
            format_set_bg_color(format, Self.color(fill))
        }
        if let alignment = style.alignment { format_set_align(format, Self.alignment(alignment)) }
        return format
    }

    private static func color(_ rgb: Int) -> lxw_color_t { rgb == 0 ? black : lxw_color_t(rgb) }

    private static func alignment(_ alignment: CellStyle.Alignment) -> UInt8 {
        let code =
            switch alignment {
            case .left: LXW_ALIGN_LEFT
            case .center: LXW_ALIGN_CENTER
            case .right: LXW_ALIGN_RIGHT
            }
        return UInt8(code.rawValue)
    }
}
