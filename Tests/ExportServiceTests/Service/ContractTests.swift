import ExportService
import JSONBytes
import ProtocolDocuments
import RPC
import ServiceContracts
import Testing

/// `protocol/rpc/export.json` and the registered methods promise the same.
@Suite struct ContractTests {
    private static let description = (try? JSONValue(parsing: ProtocolDocuments.exportMethods)) ?? .null
    private static let methods = description["methods"]?.elements ?? []

    @Test func everyMethodIsDescribedAndEveryDescribedMethodExists() async throws {
        let described = Self.methods.compactMap { $0["name"]?.string }
        #expect(described == ExportMethods.names)
        try await withExports { harness in
            #expect(harness.methods.names == described)
            let discovered = try await harness.call("rpc.discover", [:])
            #expect(discovered.canonicalBytes == Self.description.canonicalBytes)
        }
    }

    @Test(arguments: methods)
    func everyMethodSaysHowItWantsToBeTreated(_ method: JSONValue) {
        #expect(["idempotent", "keyed", "none"].contains(method["x-idempotency"]?.string))
        #expect((method["x-timeout-ms"]?.integer ?? 0) > 0)
        #expect(method["x-detached"]?.bool != nil && method["x-long"]?.bool != nil)
        #expect(method["summary"]?.string?.isEmpty == false)
    }

    @Test(arguments: methods)
    func examplesFitTheirSchemas(_ method: JSONValue) {
        let schemas = SchemaCheck(components: Self.description["components"] ?? .null)
        let parameters = method["params"]?.elements ?? []
        for example in method["examples"]?.elements ?? [] {
            let given = example["params"]?.elements ?? []
            for parameter in parameters where parameter["required"] == true {
                #expect(given.contains { $0["name"] == parameter["name"] })
            }
            for value in given {
                let parameter = parameters.first { $0["name"] == value["name"] }
                #expect(schemas.violation(of: value["value"] ?? .null, parameter?["schema"] ?? false) == nil)
            }
            let result = example["result"]?["value"] ?? .null
            #expect(schemas.violation(of: result, method["result"]?["schema"] ?? false) == nil)
        }
    }

    @Test func examplesOfSubmitsAndTheDemoAreAnsweredAsPromised() async throws {
        try await withExports(allowing: []) { harness in
            for method in Self.methods {
                guard let name = method["name"]?.string, !name.hasPrefix("export.job.") else { continue }
                for example in method["examples"]?.elements ?? [] {
                    let given = example["params"]?.elements ?? []
                    let params = given.map { JSONMember($0["name"]?.string ?? "", $0["value"] ?? .null) }
                    let answer = try await harness.call(name, .object(params))
                    #expect(answer.canonicalBytes == example["result"]?["value"]?.canonicalBytes, "\(name)")
                }
            }
        }
    }

    @Test func answersFitTheirSchemas() async throws {
        let schemas = SchemaCheck(components: Self.description["components"] ?? .null)
        try await withExports { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            _ = try await harness.ended(key)
            for (name, params) in [
                ("export.job.get", ["key": .string(key)]), ("export.job.events", ["key": .string(key)]),
                ("export.job.history", ["user_id": "1231"]), ("export.job.retry", ["key": .string(key)]),
            ] as [(String, JSONValue)] {
                let method = Self.methods.first { $0["name"]?.string == name }
                let answer = try await harness.call(name, params)
                #expect(
                    schemas.violation(of: answer, method?["result"]?["schema"] ?? false) == nil, "\(name): \(answer)")
            }
        }
    }
}
