import JSONBytes
import TestSupport
import Testing

/// Clients of document 000 were written against FastAPI: what is wrong with a request is said as that says it.
struct FastAPIComparisonTests {
    @Test func wrongRequestsAreAnsweredAsFastAPIAnswersThem() async throws {
        let python = try await pythonWithPackages(["fastapi==0.121.0", "httpx==0.28.1"])
        let script = packageDirectory() + "/Tests/EndToEndTests/fastapi_judgements.py"
        let output = try await runSuccessfully(python, [script], within: .seconds(60)).standardOutput
        let judgements = try #require(try JSONValue(parsing: Array(output.utf8)).elements)
        #expect(judgements.count >= 20)
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let origin = system.scrapeURL.replacing("/api/v1", with: "")
        for judgement in judgements {
            let target = try #require(judgement["target"]?.string)
            let text = judgement["text"]?.string
            let answer = try await HTTP.send(
                try #require(judgement["method"]?.string), origin + target,
                headers: text == nil ? [] : [("content-type", "application/json")], body: text.map { Array($0.utf8) })
            #expect(answer.status == judgement["status"]?.integer, "\(target) \(text ?? "")")
            #expect(try answer.json["detail"] == judgement["detail"], "\(target) \(text ?? "")")
        }
        try await system.stop()
    }
}
