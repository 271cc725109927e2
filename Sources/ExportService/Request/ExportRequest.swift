/// What somebody asked to have exported: checked, with the defaults filled in.
package struct ExportRequest: Sendable, Equatable {
    package var format: ExportFormat
    /// 1…80 characters; see `FileTitle` for what becomes of it in file names.
    package var title: String
    package var userID: String
    /// Where the outcome is posted, nil when nobody wants to hear it.
    package var callback: String?
    package var source: ExportSource
}

/// The word of `ext_type`, in capitals whatever the request used.
package enum ExportFormat: String, Sendable {
    case xlsx = "XLSX"
    case csv = "CSV"

    /// The ending of the files inside the zip.
    package var fileExtension: String {
        switch self {
        case .xlsx: "xlsx"
        case .csv: "csv"
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
}

/// One header that goes with every page.
package struct SourceHeader: Sendable, Equatable {
    package var name: String
    package var value: String
}
