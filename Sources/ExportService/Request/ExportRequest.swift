package import Spreadsheet

/// What somebody asked to have exported: checked, with the defaults filled in.
package struct ExportRequest: Sendable, Equatable {
    package var format: ExportFormat
    /// 1…80 characters; see `FileTitle` for what becomes of it in file names.
    package var title: String
    package var userID: String
    /// Where the outcome is posted, nil when nobody wants to hear it.
    package var callback: String?
    /// Opens the zip, which is encrypted then.
    package var password: String?
    package var source: ExportSource
    package var shape = ExportShape()

    /// The column that no two rows have the same value of.
    var uniqueKey: String? { if case .http(let source) = source { source.uniqueKey } else { nil } }
}

/// Which columns the file has, and how they and the sheet are shown.
package struct ExportShape: Sendable, Equatable {
    /// In this order; nil takes all the source has.
    package var columns: [ShapedColumn]?
    /// Of workbooks; without columns.
    package var sheet = SheetShape()
    /// Parts are sheets of one workbook; nil leaves it to the service's settings.
    package var sheetPerPart: Bool?
}

/// A column somebody asked for.
package struct ShapedColumn: Sendable, Equatable {
    /// The source's name of it.
    package var key: String
    /// Nil takes the source's.
    package var caption: String?
    package var shape: ColumnShape
}

/// The word of `ext_type`, in capitals whatever the request used.
package enum ExportFormat: String, Sendable {
    case xlsx = "XLSX"
    case csv = "CSV"
    case tsv = "TSV"
    /// An object per line, with the keys of the source.
    case jsonLines = "JSONL"

    /// The ending of the files inside the zip.
    package var fileExtension: String {
        switch self {
        case .xlsx: "xlsx"
        case .csv: "csv"
        case .tsv: "tsv"
        case .jsonLines: "jsonl"
        }
    }
}

/// Where the rows come from.
package enum ExportSource: Sendable, Equatable {
    /// A paginated interface that is crawled.
    case http(HTTPSource)
    /// The rows came with the request, in `source_raw`; they are kept in a file (`RowsFile`).
    case raw

    /// The word of `source_type`.
    package var type: String {
        switch self {
        case .http: "http"
        case .raw: "raw"
        }
    }
}

/// A paginated interface as the documented `source_http` describes it.
package struct HTTPSource: Sendable, Equatable {
    package enum Method: String, Sendable {
        /// Page and limit join the query string.
        case get = "GET"
        /// Page and limit join a JSON body.
        case post = "POST"
    }

    package var url: SourceURL
    package var method: Method
    /// In the order of the request; never the ones that would change the message itself.
    package var headers: [SourceHeader]
    /// Parameters besides `page` and `limit`, in the order of the request.
    package var parameters: [SourceParameter]
    /// Rows asked for per page.
    package var limit: Int
    /// Pages in flight.
    package var connections: Int
    /// The name of the operator's credential that goes with every page.
    package var credential: String?
    /// Pages asked for per second, at most.
    package var pagesPerSecond: Double?
    /// The column that no two rows have the same value of.
    package var uniqueKey: String?
    /// Pages name the next one instead of being counted.
    package var cursor: SourceCursor?
}

/// How a source hands out the way to its next page.
package struct SourceCursor: Sendable, Equatable {
    /// Where a page has it: names of members, outermost first.
    package var next: [String]
    /// The parameter that takes it; the first page is asked for without.
    package var parameter: String
}

/// One header that goes with every page.
package struct SourceHeader: Sendable, Equatable {
    package var name: String
    package var value: String
}
