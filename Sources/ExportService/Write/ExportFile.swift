import Artifacts
import JSONBytes
import Spreadsheet

/// The table of one export on its way to the disk: parts of at most `rowsPerFile` rows, at the end one zip.
///
/// Runs on a thread of its own, so that writing overlaps the crawl and blocks nobody; a source with more rows than a part
/// has is written by several threads (`ParallelParts`). Everything is inside `directory`, which is the job's own and is
/// removed with all it holds by `abandon`.
package actor ExportFile {
    /// Rows of a file between two reports.
    private static let rowsPerReport = 1_000

    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let files: PartFiles
    private let uniqueKey: String?
    private let password: String?
    private let journal: PageJournal?
    private let pages: PageReader?
    private let count: FileCount
    private let report: @Sendable (Int) -> Void

    /// Of the first page.
    private var header: HeaderRow?
    private var columns: ColumnMap?
    private var reader: RowReader?
    private var part: (any SheetWriter)?
    private var rowsInPart = 0
    private var partsBegun = 0
    private var parts: [SheetSummary] = []
    private var parallel: ParallelParts?
    private var unique: UniqueRows?

    /// - Parameters:
    ///   - shape: Which columns, and how they are shown.
    ///   - uniqueKey: The column that no two rows have the same value of.
    ///   - password: Opens the zip, which is encrypted then.
    ///   - journal: Where pages can be read again.
    ///   - pages: How: as the crawl reads them. Nil for rows that are not crawled.
    ///   - report: Told of all rows that are in the files.
    package init(
        directory: String, title: String, format: ExportFormat, options: FileOptions,
        shape: ExportShape = ExportShape(),
        uniqueKey: String? = nil, password: String? = nil,
        journal: PageJournal? = nil, pages: PageReader?, count: FileCount = FileCount(),
        report: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        executor = BlockingExecutor(name: "export-file")
        files = PartFiles(directory: directory, title: title, format: format, options: options, shape: shape)
        self.password = password
        self.uniqueKey = uniqueKey
        unique = uniqueKey.map { UniqueRows(key: $0) }
        self.journal = journal
        self.pages = pages
        self.count = count
        self.report = report
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
            let row = JSONScanner.slice(rows, header)
            self.header = HeaderRow(row)
            return try ColumnMap(header: row, wanted: files.shape.columns)
        }
        let options = files.options
        if unique != nil { try UniqueRows.check(total: page.tag.total) }
        // A cursor may tell no total: then there may be any number of rows.
        let mayHaveParts = page.tag.total > files.rowsPerFile || page.tag.total == 0
        guard let pages, mayHaveParts, options.partsAtOnceMax > 1 else { return try begin(columns) }
        try makeDirectory()
        let (count, report, journal) = (count, report, journal)
        parallel = ParallelParts(
            files, columns, pendingBytesMax: options.pendingBytesMax, reader: pages,
            kept: { await journal?.place($0) },
            wrote: { report(count.add(rows: $0)) })
    }

    /// Writes all rows of a file (`RowsFile`), its first row the header; answers how many, without that.
    package func write(rowsIn path: String) throws -> Int {
        var rows = 0
        try RowsFile.forEachRow(of: path) { row in
            guard columns != nil else { return try begin(ColumnMap(header: row, wanted: files.shape.columns)) }
            try write(row)
            rows += 1
            guard rows.isMultiple(of: Self.rowsPerReport) else { return }
            try Task.checkCancellation()
            try measure()
            report(count.add(rows: Self.rowsPerReport))
        }
        report(count.add(rows: rows % Self.rowsPerReport))
        return rows
    }

    private func begin(_ columns: ColumnMap) throws {
        self.columns = columns
        reader = RowReader(columns: columns)
        try makeDirectory()
        try beginPart(columns)
    }

    /// Writes the rows of pages that follow each other, or takes them to be written; answers how many, without headers.
    ///
    /// - Parameter first: The number of the first page, for messages.
    package func write(_ pages: [SourcePage], from first: Int) async throws -> Int {
        var rows = 0
        for (index, page) in pages.enumerated() {
            try header?.check(page, number: first + index)
            try unique?.take(page, number: first + index)
            if let parallel {
                rows += try await parallel.take(page, number: first + index)
            } else {
                rows += try write(page, number: first + index)
            }
        }
        try measure()
        if parallel == nil { report(count.add(rows: rows)) }
        return rows
    }

    /// Waits until everything is written, and completes the parts.
    package func finishParts() async throws {
        if let parallel {
            parts = try await parallel.finish()
            partsBegun = parts.count
        } else {
            try finishPart()
        }
        try measure()
    }

    /// Packs the parts; answers what the zip holds.
    package func finish() async throws -> FinishedFile {
        if parts.isEmpty || part != nil { try await finishParts() }
        try checkRoomForZip()
        let path = "\(files.directory)/export.zip"
        let zip: any ZipWriter =
            if let password { try EncryptedZip(path: path, password: password) } else { try ZipArchive(path: path) }
        for number in 1...partsBegun {
            let name = FileTitle.fileName(files.title, format: files.format, part: partsBegun > 1 ? number : nil)
            try zip.take(file: files.path(number), as: name)
        }
        let bytes = try zip.finish()
        return FinishedFile(
            path: path, rows: parts.reduce(0) { $0 + $1.rows }, files: partsBegun, bytes: bytes,
            warnings: parts.reduce(0) { $0 + $1.warnings.count })
    }

    /// Forgets everything that was written: the next page is the first one again.
    package func restart() {
        abandon()
        (header, columns, reader, parallel) = (nil, nil, nil, nil)
        (rowsInPart, partsBegun, parts) = (0, 0, [])
        unique = uniqueKey.map { UniqueRows(key: $0) }
        count.restart()
    }

    /// Gives up; nothing stays. Also to be called after the finished file has been moved away.
    package func abandon() {
        parallel?.abandon()
        part?.abandon()
        part = nil
        FileTree.remove(files.directory)
    }

    private func write(_ page: SourcePage, number: Int) throws -> Int {
        var rows = 0
        try page.forEachRow(number: number) { row in
            try write(row)
            rows += 1
            return true
        }
        return rows
    }

    @inline(__always)
    private func write(_ row: UnsafeRawBufferPointer) throws {
        if rowsInPart == files.rowsPerFile, let columns {
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
        part = try files.begin(partsBegun, columns)
    }

    private func finishPart() throws {
        guard let part else { return }
        parts.append(try part.finish())
        self.part = nil
    }

    /// Looks how large the files are, and whether they may be.
    private func measure() throws {
        let directory = files.directory
        let bytes = FileTree.names(in: directory).reduce(0) { $0 + (FileTree.size("\(directory)/\($1)") ?? 0) }
        count.bytes = bytes
        guard bytes <= files.options.diskBytesMax else { throw tooLarge(bytes) }
    }

    /// Looks whether there may be so much while the zip is made: parts go one by one as they are in it, but those that
    /// are encrypted stay until all are.
    private func checkRoomForZip() throws {
        let parts = (1...partsBegun).map { FileTree.size(files.path($0)) ?? 0 }
        let whole = parts.reduce(0, +)
        let bytes = whole + (password == nil ? parts.max() ?? 0 : whole)
        guard bytes <= files.options.diskBytesMax else { throw tooLarge(bytes) }
    }

    private func tooLarge(_ bytes: Int) -> CrawlFailure {
        CrawlFailure(
            "the files of the export take \(bytes) octets, \(files.options.diskBytesMax) are allowed")
    }

    private func makeDirectory() throws {
        FileTree.remove(files.directory)
        try FileTree.makeDirectory(files.directory)
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
