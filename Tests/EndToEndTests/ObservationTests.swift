import Foundation
import JSONBytes
import TestSupport
import Testing

/// What an operator sees of requests: metrics, the access log, the log of the service.
struct ObservationTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test func requestsAreCountedByRouteMethodAndStatus() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        for _ in 0..<3 { _ = try await HTTP.get(system.exportURL + "/demo/page?limit=2") }
        _ = try await HTTP.get(system.exportURL + "/demo/page?limit=none")
        _ = try await HTTP.get(system.exportURL + "/nowhere/\(UUID().uuidString)")
        let text = try await HTTP.get(system.adminURL + "/metrics").text
        let route = #"facade="export",route="demoPage""#
        for line in [
            "# TYPE http_requests_total counter", "# TYPE http_request_duration_seconds histogram",
            "# TYPE http_requests_in_flight gauge", "# TYPE http_response_body_bytes_total counter",
            "http_requests_total{\(route),status=\"200\"} 3", "http_requests_total{\(route),status=\"400\"} 1",
            "http_requests_total{facade=\"export\",route=\"\",status=\"404\"} 1",
            "http_request_duration_seconds_count{\(route)} 4", "http_requests_in_flight{\(route)} 0.0",
            "http_request_duration_seconds_bucket{\(route),le=\"+Inf\"} 4",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        // The service counts the same calls by their methods, and nothing a client sent has become a label.
        #expect(text.contains(#"method="export.demo.page""#))
        #expect(!text.contains("nowhere"))
        try await system.stop()
    }

    @Test func jobsAreCountedAndTheirClaimsTimed() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        _ = try await client.finished(key)
        let text = try await HTTP.get(system.adminURL + "/metrics").text
        #expect(text.contains(#"job_executions_ended_total{kind="export",state="succeeded"} 1"#))
        #expect(text.contains("# TYPE job_claim_duration_seconds histogram\n"))
        let claims = text.split(separator: "\n").first { $0.hasPrefix("job_claim_duration_seconds_count") }
        #expect(claims?.split(separator: " ").last.flatMap { Int($0) }.map { $0 > 0 } == true, "\(text)")
        try await system.stop()
    }

    @Test func oneRequestIsFoundInAccessLogAndServiceLogByItsTrace() async throws {
        let directory = try TemporaryDirectory()
        let log = directory.path("access.log")
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["PAILOU_GATEWAY_ACCESS_LOG": log, "PAILOU_LOG_FORMAT": "json"])
        let body = ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: "traced")
        let answer = try await HTTP.post(
            system.exportURL + "/v1/export/http?token=hidden", body,
            headers: [("traceparent", "00-\(Self.traceID)-00f067aa0ba902b7-01"), ("X-Request-Id", "request-7")])
        #expect(answer.status == 200)
        try await system.stop()

        let lines = try String(contentsOfFile: log, encoding: .utf8)
        let line = try JSONValue(parsing: Array(try #require(lines.split(separator: "\n").first).utf8))
        #expect(line["route"]?.string == "submitHTTPExport" && line["status"]?.integer == 200)
        #expect(line["trace_id"]?.string == Self.traceID && line["request_id"]?.string == "request-7")
        #expect(!lines.contains("hidden"))
        let submitted = system.standardError.split(separator: "\n").first { $0.contains("export submitted") }
        let service = try JSONValue(parsing: Array(try #require(submitted).utf8))
        #expect(service.members?.contains { $0.value.string == Self.traceID } == true, "\(service)")
        #expect(service.members?.contains { $0.value.string == "request-7" } == true, "\(service)")
    }

    @Test func anAccessLogThatCannotBeWrittenIsToldAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        let result = try await runProcess(
            PailouProcess.program, ["serve", "--data-dir", directory.path("data"), "--ephemeral"],
            environment: ["PAILOU_GATEWAY_ACCESS_LOG": "/nowhere/access.log"])
        #expect(result.status == 78)
        #expect(result.standardError.contains("gateway.accessLog is \"/nowhere/access.log\"; it cannot be written"))
    }
}
