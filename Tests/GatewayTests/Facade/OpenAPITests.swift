import Gateway
import JSONBytes
import NIOCore
import ProtocolDocuments
import Testing

@Suite("The export document")
struct OpenAPITests {
    private let facade: CompiledFacade

    init() throws {
        facade = try FacadeDocument.compile(yaml: ProtocolDocuments.exportFacade, file: "export.yaml")
    }

    @Test("has the documented calls and our additions, each with its method")
    func methods() {
        #expect(
            facade.operations.map(\.method) == [
                "export.demo.page", "export.http.submit", "export.raw.submit", "export.job.get", "export.job.history",
                "export.job.cancel", "export.job.retry", "export.job.events", "export.artifact.read",
            ])
        #expect(facade.name == "export")
        #expect(facade.listen == "127.0.0.1:8080")
    }

    @Test("is served as JSON in its own order, without our words")
    func publicDocument() throws {
        let document = try JSONValue(parsing: facade.openAPI)
        #expect(document.members?.map(\.key) == ["openapi", "info", "tags", "paths", "components"])
        #expect(document["info"]?["version"]?.string == "1")
        let text = String(decoding: facade.openAPI, as: UTF8.self)
        #expect(!text.contains("x-rpc") && !text.contains("x-facade"))
        let example = document["paths"]?["/v1/export/http"]?["post"]?["requestBody"]?["content"]?["application/json"]
        #expect(example?["example"]?["user_id"] == .string("123"))
    }
}
