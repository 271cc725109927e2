import Foundation
import RPC
import Testing

/// The specification's table of errors, held against the one that is compiled in.
@Suite struct VectorReadmeTests {
    private let rows: [Substring]

    init() throws {
        let text = try String(contentsOfFile: "\(VectorFile.directory)/../README.md", encoding: .utf8)
        rows = text.split(separator: "\n").filter { $0.hasPrefix("| -32") }
    }

    @Test(arguments: RPCStatus.allCases)
    func everyStatusStandsInTheTableWithItsCodeAndHTTPStatus(_ status: RPCStatus) {
        let row = rows.first { $0.contains("`\(status.rawValue)`") && $0.contains("\(status.code)") }
        #expect(row?.contains("| \(status.httpStatus) |") == true, "\(status.code) \(status.rawValue)")
        let advice =
            switch status.retryAdvice {
            case .never: "never"
            case .ifIdempotent: "if the method is idempotent"
            case .ifNotStartedOrIdempotent: "if `not_started`, or if the method is idempotent"
            case .afterDelay: "after `retry_after_ms`"
            case .atHigherLevel: "not this call, but the whole of which it is a part"
            }
        #expect(row?.hasSuffix("| \(advice) |") == true, "\(status.rawValue): \(advice)")
    }
}
