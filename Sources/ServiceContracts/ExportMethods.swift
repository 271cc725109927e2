public import RPC

/// The methods of the export service: names, parameters, results.
///
/// `protocol/rpc/export.json` describes the same for other languages. Submitting takes a document of its own as
/// parameters and answers `ExportKey`; see `submitHTTP` and `submitRaw`.
public enum ExportMethods {
    /// Exports a paginated HTTP source; the parameters are the documented body.
    public static let submitHTTP = "export.http.submit"
    /// Exports rows that the parameters carry themselves; the parameters are the documented body.
    public static let submitRaw = "export.raw.submit"
    /// Streams the zip of a finished export.
    public static let readArtifact = "export.artifact.read"
    /// A page of a source for trials.
    public static let demoPage = "export.demo.page"
    /// Follows an export until it ends: events `progress`, then the export itself.
    public static let events = RPCContract<ExportKeyParameters, ExportDetail>("export.job.events", isIdempotent: true)
    /// One export.
    public static let get = RPCContract<ExportKeyParameters, ExportDetail>("export.job.get", isIdempotent: true)
    /// A user's exports of the last seven days, newest first: as many as the caller takes octets.
    public static let history = RPCContract<ExportHistoryParameters, ExportHistory>(
        "export.job.history", isIdempotent: true)
    /// Ends an export that is not finished.
    public static let cancel = RPCContract<ExportKeyParameters, ExportDetail>("export.job.cancel", isIdempotent: true)
    /// Runs a finished, failed or cancelled export again.
    public static let retry = RPCContract<ExportKeyParameters, ExportDetail>("export.job.retry")

    /// The parameters of `readArtifact` for the link of a detail; nil when it leads elsewhere, past the façade.
    public static func artifactParameters(ofDownURL url: String) -> ExportArtifactParameters? {
        let (path, query) = (url.prefix { $0 != "?" }, url.drop { $0 != "?" }.dropFirst())
        let steps = path.split(separator: "/").suffix(5).map(String.init)
        guard steps.count == 5, steps[..<2] == ["v1", "down"] else { return nil }
        let parts = Array(steps[2...])
        var parameters = ExportArtifactParameters(month: parts[0], day: parts[1], file: parts[2])
        for item in query.split(separator: "&") {
            let value = String(item.drop { $0 != "=" }.dropFirst())
            switch item.prefix(while: { $0 != "=" }) {
            case "expires": parameters.expires = Int(value)
            case "signature": parameters.signature = value
            default: break
            }
        }
        return parameters
    }

    /// Callbacks of exports, for operators.
    public static let deliveries = DeliveryContracts(service: "export")

    /// Jobs and queues behind exports, for operators.
    public static let jobs = JobMethods(service: "export")

    /// Every name, sorted.
    public static let names =
        ([submitHTTP, submitRaw, readArtifact, demoPage, events.name, get.name, history.name, cancel.name, retry.name]
        + deliveries.names + jobs.names).sorted()
}
