import Gateway
import JSONBytes
import NIOCore
import Testing

@Suite("Golden cases of the façades")
struct FacadeCaseTests {
    @Test("every case gets its call and its answer from the compiled façade", arguments: try FacadeCaseParser.all())
    func interpreted(testCase: FacadeCase) throws {
        var interpreter = try FacadeCaseInterpreter(testCase)
        let outcome = try interpreter.run()

        #expect(interpreter.calls.map(\.method) == [testCase.call?.method].compactMap { $0 })
        if let call = testCase.call {
            let params = interpreter.calls.first?.params.map { String(buffer: $0) }
            #expect(try params.map { try compact($0) } == call.params.map { String(decoding: $0.bytes, as: UTF8.self) })
        }
        guard case .answer(let answer) = outcome else { return }
        #expect(answer.status == testCase.status)
        for (name, value) in testCase.answerHeaders {
            #expect(answer.headers.first { $0.0 == name }?.1 == value)
        }
        let body = AnswerPattern.filled(testCase.answerBody, from: String(buffer: answer.body))
        #expect(String(buffer: answer.body) == body)
    }

    private func compact(_ json: String) throws -> String {
        String(decoding: try JSONValue(parsing: Array(json.utf8)).bytes, as: UTF8.self)
    }
}
