import JSONBytes
import Spreadsheet

/// The workbook of a task's results on its way to the disk.
///
/// Belongs to one thread at a time.
final class ResultWorkbook {
    /// Besides `id` and `created_at`.
    static let columnsMax = XLSXLimits.columns - 2

    private let writer: XLSXSheetWriter
    private let columns: FlatColumns

    init(path: String, columns: FlatColumns) throws {
        self.columns = columns
        writer = try XLSXSheetWriter(path: path, title: "results")
        try writer.writeHeader(["id"] + columns.names + ["created_at"])
    }

    func write(_ results: [ExportedResult]) throws {
        for result in results { try write(result) }
    }

    func finish() throws { _ = try writer.finish() }

    func abandon() { writer.abandon() }

    /// Texts are put one behind the other, so that a row of borrowed cells can point to them.
    private func write(_ result: ExportedResult) throws {
        var texts = Array(PublicName.result(result.id).utf8)
        let idEnd = texts.count
        texts += UTCTime.text(result.scrapedAt).utf8
        let timeEnd = texts.count
        var ranges = [(kind: JSONKind, range: Range<Int>)?](repeating: nil, count: columns.names.count)
        result.data.withUnsafeBytes { bytes in
            columns.read(bytes) { column, value in
                let start = texts.count
                let kind = JSONScanner.kind(of: value)
                if kind == .string {
                    let text = UnsafeRawBufferPointer(rebasing: value[1..<max(1, value.count - 1)])
                    JSONScanner.appendUnescaped(text, to: &texts)
                } else {
                    texts += value
                }
                ranges[column] = (kind, start..<texts.count)
            }
        }
        try texts.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            let cells = ranges.map { entry -> Cell in
                guard let (kind, range) = entry else { return .empty }
                switch kind {
                case .string: return .text(part(range))
                case .number: return .number(part(range))
                case .true: return .boolean(true)
                case .false: return .boolean(false)
                case .null: return .empty
                case .object, .array: return .json(part(range))
                }
            }
            try writer.write(row: [.text(part(0..<idEnd))] + cells + [.text(part(idEnd..<timeEnd))])
        }
    }
}
