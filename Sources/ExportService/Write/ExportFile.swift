import Artifacts
import Glibc
import JSONBytes
import Spreadsheet

/// The table of one export on its way to the disk: parts of at most `rowsPerFile` rows, at the end one zip.
///
/// Runs on a thread of its own, so that writing overlaps the crawl and blocks nobody. Everything is inside `directory`,
/// which is the job's own and is removed with all it holds by `abandon`.
package actor ExportFile {
    /// Rows of a file between two reports.
    private static let rowsPerReport = 1_000

    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let directory: String
    private let title: String
    private let format: ExportFormat
    private let options: FileOptions

    private var columns: ColumnMap?
    private var reader: RowReader?
    private var part: (any SheetWriter)?
    private var rowsInPart = 0
    private var partsBegun = 0
    private var parts: [SheetSummary] = []

    package init(directory: String, title: String, format: ExportFormat, options: FileOptions) {
        executor = BlockingExecutor(label: "export.file")
        self.directory = directory
        self.title = title
        self.format = format
        self.options = options
    }

    /// Takes the columns from the header row of the first page and begins the first part.
    package func begin(_ page: SourcePage) throws {
        let columns = try page.bytes.withUnsafeBytes { bytes in
            let rows = JSONScanner.slice(bytes, page.rows)
            var header: Range<Int>?
            JSONScanner.forEachElement(of: rows) { element in
                header = element
                return false
            }
            guard let header else { throw CrawlFailure(page: 1, "expected a header row, found no rows") }
            return try ColumnMap(header: JSONScanner.slice(rows, header))
        }
        try begin(columns)
    }

    /// Writes all rows of a file (`RowsFile`), its first row the header; answers how many, without that.
    ///
    /// - Parameter report: Told from time to time how many there are so far.
    package func write(rowsIn path: String, report: @Sendable (Int) -> Void) throws -> Int {
        var rows = 0
        try RowsFile.forEachRow(of: path) { row in
            guard columns != nil else { return try begin(ColumnMap(header: row)) }
            try write(row)
            rows += 1
            guard rows.isMultiple(of: Self.rowsPerReport) else { return }
            try Task.checkCancellation()
            report(rows)
        }
        return rows
    }

    private func begin(_ columns: ColumnMap) throws {
        self.columns = columns
        reader = RowReader(columns: columns)
        try makeDirectory()
        try beginPart(columns)
    }

    /// Writes the rows of pages that follow each other; answers how many, without headers.
    ///
    /// - Parameter first: The number of the first page, for messages.
    package func write(_ pages: [SourcePage], from first: Int) throws -> Int {
        var rows = 0
        for (index, page) in pages.enumerated() { rows += try write(page, number: first + index) }
        return rows
    }

    /// Completes the parts and packs them; answers what the zip holds.
    package func finish() throws -> FinishedFile {
        try finishPart()
        let path = "\(directory)/export.zip"
        let zip = try ZipArchive(path: path)
        for number in 1...partsBegun {
            let name = FileTitle.fileName(title, format: format, part: partsBegun > 1 ? number : nil)
            try zip.add(file: partPath(number), as: name)
            unlink(partPath(number))
        }
        let bytes = try zip.finish()
        return FinishedFile(
            path: path, rows: parts.reduce(0) { $0 + $1.rows }, files: partsBegun, bytes: bytes,
            warnings: parts.reduce(0) { $0 + $1.warnings.count })
    }

    /// Gives up; nothing stays. Also to be called after the finished file has been moved away.
    package func abandon() {
        part?.abandon()
        part = nil
        FileTree.remove(directory)
    }

    private func write(_ page: SourcePage, number: Int) throws -> Int {
        var isHeader = true
        var rows = 0
        try page.bytes.withUnsafeBytes { bytes in
            let array = JSONScanner.slice(bytes, page.rows)
            try JSONScanner.forEachElement(of: array) { element in
                if isHeader {
                    isHeader = false
                    return true
                }
                let row = JSONScanner.slice(array, element)
                guard JSONScanner.kind(of: row) == .object else {
                    throw CrawlFailure(page: number, "expected an object as row \(rows + 1)")
                }
                try write(row)
                rows += 1
                return true
            }
        }
        return rows
    }

    @inline(__always)
    private func write(_ row: UnsafeRawBufferPointer) throws {
        if rowsInPart == options.rowsPerFile, let columns {
            try finishPart()
            try beginPart(columns)
        }
        guard let part, reader != nil else { throw CrawlFailure("expected an open file for the rows, found none") }
        try reader?.read(row) { cells throws(SpreadsheetError) in try part.write(row: cells) }
        rowsInPart += 1
    }

    private func beginPart(_ columns: ColumnMap) throws {
        partsBegun += 1
        rowsInPart = 0
        let part = try makeWriter(at: partPath(partsBegun))
        try part.writeHeader(columns.captions)
        self.part = part
    }

    private func makeWriter(at path: String) throws -> any SheetWriter {
        switch format {
        case .xlsx:
            var xlsx = XLSXOptions()
            xlsx.engine = options.xlsxEngine
            xlsx.compression = options.xlsxCompression
            return try XLSXSheetWriter(path: path, title: title, options: xlsx)
        case .csv:
            var csv = CSVOptions()
            csv.byteOrderMark = options.csvByteOrderMark
            csv.formulaGuard = options.csvFormulaGuard
            return try CSVSheetWriter(path: path, options: csv)
        }
    }

    private func finishPart() throws {
        guard let part else { return }
        parts.append(try part.finish())
        self.part = nil
    }

    private func partPath(_ number: Int) -> String { "\(directory)/part-\(number).\(format.fileExtension)" }

    private func makeDirectory() throws {
        FileTree.remove(directory)
        try FileTree.makeDirectory(directory)
    }
}

/// A zip that is complete but not yet in its place.
package struct FinishedFile: Sendable, Equatable {
    package var path: String
    /// Without headers, all parts together.
    package var rows: Int
    package var files: Int
    package var bytes: Int
    /// Cells that could not be written exactly as they came.
    package var warnings: Int
}
