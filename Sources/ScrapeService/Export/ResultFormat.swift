/// What a task's results can be exported as.
enum ResultFormat: String, CaseIterable, Sendable {
    case json, csv, jsonl, xlsx, ids

    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        case .jsonl: "application/x-ndjson"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case .ids: "text/plain"
        }
    }

    /// What the file is called; the document's JSON is an answer and no file.
    func fileName(of task: String) -> String? {
        guard self != .json else { return nil }
        let ending = self == .ids ? "txt" : rawValue
        return task.replacing("-", with: "_") + "_results.\(ending)"
    }
}
