import Artifacts
import Database
import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// `scrape.result.export`: all results of a task as a file, streamed.
struct ExportMethod: Sendable {
    static let timeout = Duration.seconds(3600)
    /// Octets of one piece of the stream.
    private static let pieceBytes = 64 * 1024

    let rules: ScrapeRules
    let configuration: ScrapeConfiguration

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
        var line = CSVLine(guardsFormulas: configuration.csvFormulaGuard)
        for name in ["id"] + columns.names + ["created_at"] { line.field(name) }
        line.end()
        try await stream.write(ByteBuffer(bytes: line.octets))
        try await reader.forEach(total: total) { results in
            line.removeAll()
            for result in results { line.append(result, columns) }
            try await stream.write(ByteBuffer(bytes: line.octets))
        }
    }

    /// Sheets end somewhere; the other formats do not.
    private static func tooLarge(_ reason: String) -> RPCError {
        RPCError(
            .failedPrecondition, reason: "workbook", "a workbook cannot hold this: \(reason); ask for csv or jsonl")
    }

    private func workbook(
        _ reader: ResultReader, _ task: TaskRecord, _ content: RPCContent, _ opener: RPCStreamOpener
    ) async throws {
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
        try await reader.forEach(total: task.results) { try workbook.write($0) }
        try workbook.finish()
        let file = try FileOctets(path: path)
        let stream = try await opener.open(content)
        while let piece = try file.next(Self.pieceBytes) { try await stream.write(ByteBuffer(bytes: piece)) }
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

extension CSVLine {
    fileprivate mutating func append(_ result: ExportedResult, _ columns: FlatColumns) {
        result.data.withUnsafeBytes { bytes in
            var values = [UnsafeRawBufferPointer?](repeating: nil, count: columns.names.count)
            columns.read(bytes) { values[$0] = $1 }
            field(PublicName.result(result.id))
            for value in values { field(json: value) }
            field(UTCTime.text(result.scrapedAt))
        }
        end()
    }
}
