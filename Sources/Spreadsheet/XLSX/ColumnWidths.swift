/// Learns how wide columns should be from the header and the first rows.
struct ColumnWidths {
    /// In characters of the default font, as Excel counts.
    private static let narrowest = 8
    private static let widest = 60
    /// Room for the filter's button beside a bold caption.
    private static let captionMargin = 4
    private static let cellMargin = 2

    private(set) var characters: [Int] = []
    /// Columns whose width was asked for.
    private var fixed: [Int: Int] = [:]

    /// Takes the captions; their number is the number of columns.
    init(captions: [String], shapes: [ColumnShape] = []) {
        for (column, shape) in shapes.enumerated() { fixed[column] = shape.width }
        characters = captions.enumerated().map { column, caption in
            if let width = fixed[column] { return width }
            var caption = caption
            let width = caption.withUTF8 { Self.displayWidth(UnsafeRawBufferPointer($0)) }
            let least = column < shapes.count ? shapes[column].widthMin : 0
            return max(least, Self.clamp(width + Self.captionMargin))
        }
    }

    /// Widens the columns for a row.
    mutating func observe(_ row: UnsafeBufferPointer<Cell>) {
        for column in 0..<row.count {
            switch row[column] {
            case .number(let text), .text(let text), .json(let text): observe(text, column: column)
            case .empty, .boolean: break
            }
        }
    }

    private mutating func observe(_ text: UnsafeRawBufferPointer, column: Int) {
        guard characters[column] < Self.widest, fixed[column] == nil else { return }
        characters[column] = max(characters[column], Self.clamp(Self.displayWidth(text) + Self.cellMargin))
    }

    private static func clamp(_ width: Int) -> Int { min(max(width, narrowest), widest) }

    /// Width of the first line, up to the widest column: East Asian wide characters count 2.
    static func displayWidth(_ text: UnsafeRawBufferPointer) -> Int {
        var width = 0
        for byte in text {
            if byte == 0x0A || width >= widest { break }
            switch byte {
            case 0x80..<0xC0: continue
            // U+1100 and above begin with E1 84; those few below it that share the lead byte do not matter for a width.
            case 0xE1...: width += 2
            default: width += 1
            }
        }
        return width
    }
}
