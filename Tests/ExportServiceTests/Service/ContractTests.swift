import ExportService
import JSONBytes
import ProtocolDocuments
import RPC
import ServiceContracts
import TestSupport
import Testing

/// `protocol/rpc/export.json` and the registered methods promise the same.
@Suite struct ContractTests {
    private static let description = DescribedMethods(ProtocolDocuments.exportMethods)

    @Test func everyMethodIsDescribedAndEveryDescribedMethodExists() async throws {
        #expect(Self.description.names == ExportMethods.names)
        try await withExports { harness in
            #expect(harness.methods.names == ExportMethods.names)
            let discovered = try await harness.call("rpc.discover", [:])
            #expect(discovered.canonicalBytes == Self.description.document.canonicalBytes)
        }
    }

    @Test(arguments: description.methods)
    func everyMethodSaysHowItWantsToBeTreated(_ method: JSONValue) {
        #expect(Self.description.omissions(of: method).isEmpty)
    }

    @Test(arguments: description.methods)
    func examplesFitTheirSchemas(_ method: JSONValue) {
        #expect(Self.description.exampleViolations(of: method).isEmpty)
    }

    @Test func examplesOfSubmitsAndTheDemoAreAnsweredAsPromised() async throws {
        try await withExports(allowing: []) { harness in
            for method in Self.description.methods {
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
        try await withExports { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            _ = try await harness.ended(key)
            for (name, params) in [
                ("export.job.get", ["key": .string(key)]), ("export.job.events", ["key": .string(key)]),
                ("export.job.history", ["user_id": "1231"]), ("export.job.retry", ["key": .string(key)]),
            ] as [(String, JSONValue)] {
                let answer = try await harness.call(name, params)
                #expect(Self.description.violation(of: answer, by: name) == nil, "\(name): \(answer)")
            }
        }
    }
}
