import Gateway
import JSONBytes
import NIOCore
import Testing

@Suite("Golden cases of the façades")
struct FacadeCaseTests {
    @Test(
        "every case gets its call and its answer from the compiled façade",
        arguments: try FacadeCaseParser.all().filter { $0.guarding == nil })
    func interpreted(testCase: FacadeCase) throws {
        var interpreter = try FacadeCaseInterpreter(testCase)
        let outcome = try interpreter.run()

        try expect(interpreter.calls, testCase)
        guard case .answer(let answer) = outcome else { return }
        expect(answer.status, Dictionary(answer.headers) { $1 }, String(buffer: answer.body), testCase)
    }

    @Test("every case gets its call and its answer over sockets", arguments: try FacadeCaseParser.all())
    func served(testCase: FacadeCase) async throws {
        let server = FacadeCaseServer(testCase)
        let answer = try await server.run()

        try expect(server.calls, testCase)
        for member in testCase.meta?.members ?? [] {
            #expect(server.meta?[member.key].map(text) == text(member.value), "\(member.key)")
        }
        expect(answer.status, answer.fields, answer.text, testCase)
    }

    private func expect(_ calls: [(method: String, params: ByteBuffer?)], _ testCase: FacadeCase) throws {
        #expect(calls.map(\.method) == [testCase.call?.method].compactMap { $0 })
        guard let call = testCase.call else { return }
        let params = try calls.first?.params.map { try JSONValue(parsing: $0.readableBytesView) }
        #expect(params.map(text) == call.params.map(text))
    }

    private func expect(_ status: Int, _ headers: [String: String], _ body: String, _ testCase: FacadeCase) {
        #expect(status == testCase.status)
        for (name, value) in testCase.answerHeaders {
            #expect(headers[name] == value)
        }
        #expect(body == AnswerPattern.filled(testCase.answerBody, from: body))
    }

    private func text(_ value: JSONValue) -> String {
        String(decoding: value.bytes, as: UTF8.self)
    }
}
