import JSONBytes
import Testing

@Suite struct JSONValidatorTests {
    @Test(arguments: DocumentCases.accepted)
    func acceptsWhatTheGrammarAllows(_ document: [UInt8]) {
        #expect(verdict(document, cuts: []) == nil, "\(text(document))")
    }

    @Test(arguments: DocumentCases.refused)
    func refusesWhatTheGrammarForbidsAndSaysWhy(_ document: [UInt8], reason: String) throws {
        let error = try #require(verdict(document, cuts: []), "\(text(document))")
        #expect(error.reason.rawValue.contains(reason), "\(text(document)): \(error)")
        #expect(error.offset <= document.count)
    }

    @Test(arguments: DocumentCases.accepted + DocumentCases.refused.map(\.document))
    func theVerdictDoesNotDependOnWhereADocumentIsCut(_ document: [UInt8]) {
        let whole = verdict(document, cuts: [])
        #expect(verdict(document, cuts: Array(document.indices)) == whole, "byte by byte: \(text(document))")
        for cut in splits(of: document) {
            #expect(verdict(document, cuts: [cut]) == whole, "cut at \(cut): \(text(document))")
        }
    }

    @Test func errorsNameTheOctet() {
        #expect(verdict(Array("[1,]".utf8), cuts: [2]) == JSONSyntaxError(offset: 3, reason: .expectedValue))
        #expect(verdict(Array("[1,".utf8), cuts: [2]) == JSONSyntaxError(offset: 3, reason: .unexpectedEnd))
        #expect(
            verdict(Array("\"汉\u{1}\"".utf8), cuts: [2, 3])?.description
                == "found a control character inside a string, at offset 4")
    }

    @Test func theDepthLimitIsACallersChoice() {
        #expect(verdict(DocumentCases.nested(3), cuts: [], depthMax: 3) == nil)
        #expect(
            verdict(DocumentCases.nested(4), cuts: [], depthMax: 3) == JSONSyntaxError(offset: 3, reason: .tooDeep))
        #expect(verdict(DocumentCases.nested(5000), cuts: [4000], depthMax: 5000) == nil)
        #expect(verdict(Array("1".utf8), cuts: [], depthMax: 0) == nil)
    }

    @Test func bracketsOfMixedKindsAreMatchedAtEveryDepth() {
        let open = #"[{"a":"#.utf8.cycled(256)
        let close = "}]".utf8.cycled(256)
        #expect(verdict(open + "1".utf8 + close, cuts: []) == nil)
        for level in close.indices {
            var wrong = close
            wrong[level] ^= 0x5D ^ 0x7D  // the other kind of closing bracket
            #expect(verdict(open + "1".utf8 + wrong, cuts: [])?.offset == open.count + 1 + level)
        }
    }

    /// All cuts of a short document; of a long one those near its ends and near the words of the stack of brackets.
    private func splits(of document: [UInt8]) -> [Int] {
        guard document.count > 200 else { return Array(document.indices) }
        return document.indices.filter { $0 < 4 || $0 > document.count - 4 || $0 % 64 < 2 && $0 < 1100 }
    }

    private func text(_ document: [UInt8]) -> String { String(decoding: document.prefix(80), as: UTF8.self) }
}

/// What the validator says of a document given in pieces; nil when it is accepted.
func verdict(_ document: [UInt8], cuts: [Int], depthMax: Int = 512) -> JSONSyntaxError? {
    document.withUnsafeBytes { bytes in
        var validator = JSONValidator(depthMax: depthMax)
        do throws(JSONSyntaxError) {
            var start = 0
            for end in cuts + [document.count] {
                try validator.consume(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
            try validator.finish()
            return nil
        } catch {
            return error
        }
    }
}
