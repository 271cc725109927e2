import Artifacts
import Database
import JSONBytes
import NIOCore
import RPC
import ServiceContracts
import Spreadsheet

/// `scrape.result.export`: all results of a task as a file, streamed.
struct ExportMethod: Sendable {
    static let timeout = Duration.seconds(3600)
    /// Octets of one piece of the stream.
    private static let pieceBytes = 64 * 1024

    let rules: ScrapeRules
    let configuration: ScrapeConfiguration
    private let room: WorkbookRoom

    init(rules: ScrapeRules, configuration: ScrapeConfiguration) {
        self.rules = rules
        self.configuration = configuration
        room = WorkbookRoom(
            directory: configuration.workDirectory, workbooksMax: configuration.workbooksMax,
            freeBytesMin: configuration.freeBytesMin)
    }

    func register(in methods: inout RPCMethods) {
        let options = RPCMethodOptions(timeout: Self.timeout, isIdempotent: true)
        methods.registerStream(ScrapeMethods.export, options: options) { context, opener in
            try await ScrapeFaults.translating { try await export(context, opener) }
        }
    }

    private func export(_ context: RPCContext, _ opener: RPCStreamOpener) async throws {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        let format = call.word("format", of: ResultFormat.allCases.map(\.rawValue)).flatMap(ResultFormat.init) ?? .json
        try call.check()
        let task = try await rules.task(name)
        if format == .xlsx, task.results > configuration.workbookRowsMax {
            throw Self.tooLarge("expected at most \(configuration.workbookRowsMax) results, found \(task.results)")
        }
        let reader = ResultReader(database: rules.database, task: task.id)
        let content = RPCContent(type: format.mediaType, name: format.fileName(of: task.name))
        try await withTaskExecutorPreference(globalConcurrentExecutor) {
            switch format {
            case .json: try await json(reader, task.results, try await opener.open(content))
            case .jsonl, .ids: try await lines(format, reader, task.results, try await opener.open(content))
            case .csv: try await csv(reader, task.results, content, opener)
            case .xlsx: try await workbook(reader, task, content, opener)
            }
        }
    }

    private func json(_ reader: ResultReader, _ total: Int, _ stream: RPCStreamWriter) async throws {
        try await stream.write(ByteBuffer(string: #"{"data":["#))
        var isFirst = true
        try await reader.forEach(total: total) { results in
            var buffer = ByteBuffer()
            for result in results {
                if !isFirst { buffer.writeStaticString(",") }
                isFirst = false
                buffer.writeBytes(Self.exported(result))
            }
            try await stream.write(buffer)
        }
        try await stream.write(ByteBuffer(string: #"],"total":\#(total)}"#))
    }

    private func lines(
        _ format: ResultFormat, _ reader: ResultReader, _ total: Int, _ stream: RPCStreamWriter
    ) async throws {
        try await reader.forEach(total: total) { results in
            var buffer = ByteBuffer()
            for result in results {
                if format == .ids {
                    buffer.writeString(result.upstreamID + "\n")
                } else {
                    buffer.writeBytes(Self.exported(result))
                    buffer.writeStaticString("\n")
                }
            }
            try await stream.write(buffer)
        }
    }

    /// All columns there will be.
    private func columns(_ reader: ResultReader, _ total: Int) async throws -> FlatColumns {
        var columns = FlatColumns()
        try await reader.forEach(total: total) { results in
            for result in results { result.data.withUnsafeBytes { columns.learn($0) } }
        }
        return columns
    }

    private func csv(
        _ reader: ResultReader, _ total: Int, _ content: RPCContent, _ opener: RPCStreamOpener
    ) async throws {
        let columns = try await columns(reader, total)
        let stream = try await opener.open(content)
        var row = ResultRow(columns: columns)
        var options = CSVOptions()
        options.byteOrderMark = false
        options.formulaGuard = configuration.csvFormulaGuard
        var lines = CSVLines(options: options)
        var text = OctetBuffer()
        lines.appendHeader(row.captions, to: &text)
        try await stream.write(ByteBuffer(bytes: text.octets))
        try await reader.forEach(total: total) { results in
            text.removeAll()
            for result in results {
                row.withCells(of: result) { lines.append($0, columns: $0.count, to: &text) }
            }
            try await stream.write(ByteBuffer(bytes: text.octets))
        }
    }

    /// Sheets end somewhere; the other formats do not.
    private static func tooLarge(_ reason: String) -> RPCError {
        RPCError(
            .failedPrecondition, reason: "workbook", "a workbook cannot hold this: \(reason); ask for csv or jsonl")
    }

    /// A place is taken while the workbook is written, not while it is sent: callers may be slow.
    private func workbook(
        _ reader: ResultReader, _ task: TaskRecord, _ content: RPCContent, _ opener: RPCStreamOpener
    ) async throws {
        let file = try await room.withPlace { try await writtenWorkbook(reader, task) }
        let stream = try await opener.open(content)
        while let piece = try file.next(Self.pieceBytes) { try await stream.write(ByteBuffer(bytes: piece)) }
    }

    /// The whole workbook, without a name: what is left of it goes with whoever reads it.
    private func writtenWorkbook(_ reader: ResultReader, _ task: TaskRecord) async throws -> FileOctets {
        try room.check()
        let columns = try await columns(reader, task.results)
        guard columns.names.count <= ResultWorkbook.columnsMax else {
            throw Self.tooLarge(
                "expected at most \(ResultWorkbook.columnsMax) members of all results, found \(columns.names.count)")
        }
        let path = "\(configuration.workDirectory)/\(PublicName.make("export")).xlsx"
        let workbook = try ResultWorkbook(path: path, columns: columns)
        defer {
            workbook.abandon()
            FileTree.remove(path)
        }
        try await reader.forEach(total: task.results) { results in
            try room.check()
            try workbook.write(results)
        }
        try workbook.finish()
        return try FileOctets(path: path)
    }

    /// A result as an export shows it.
    private static func exported(_ result: ExportedResult) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: result.data.count + 100)
        writer.beginObject()
        writer.text("id", PublicName.result(result.id))
        writer.key("data")
        writer.raw(result.data)
        writer.text("created_at", UTCTime.text(result.scrapedAt))
        writer.endObject()
        return writer.bytes
    }
}
