import Foundation
import JSONBytes
import Testing

/// Random documents and random damage, judged by this module and by Foundation.
@Suite struct JSONFuzzTests {
    @Test(arguments: 0..<8)
    func agreesWithFoundationOnDamagedDocuments(seed: UInt64) {
        var random = RandomDocument(seed: seed)
        var compared = 0
        for _ in 0..<1500 {
            let document = random.damaged(random.document())
            guard isComparable(document) else { continue }
            compared += 1
            let ours = verdict(document, cuts: [])
            let theirs = isAcceptedByFoundation(document)
            #expect(
                (ours == nil) == theirs, "\(String(decoding: document, as: UTF8.self)): \(String(describing: ours))")
            #expect(verdict(document, cuts: random.cuts(of: document)) == ours)
        }
        #expect(compared > 1000)
    }

    @Test(arguments: 0..<4)
    func whatIsReadAndWrittenIsTheSameForFoundation(seed: UInt64) throws {
        var random = RandomDocument(seed: seed)
        for _ in 0..<300 {
            let document = random.document()
            let tree = try JSONValue(parsing: document)
            #expect(try JSONValue(parsing: tree.bytes) == tree)
            #expect(try JSONValue(parsing: tree.canonicalBytes).canonicalBytes == tree.canonicalBytes)
            let before = try JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed) as? NSObject
            let after =
                try JSONSerialization.jsonObject(with: Data(tree.bytes), options: .fragmentsAllowed) as? NSObject
            #expect(before == after, "\(tree)")
        }
    }

    @Test func aNameGivenTwiceMeansItsFirstValueAsFoundationsDecoderHasIt() throws {
        let text = Array(#"{"a":1,"\u0061":2}"#.utf8)
        #expect(try JSONDecoder().decode([String: Int].self, from: Data(text)) == ["a": 1])
        #expect(try JSONValue(parsing: text)["a"] == 1)
        text.withUnsafeBytes { #expect(JSONScanner.member("a", of: $0) == 5..<6) }
    }

    private func isAcceptedByFoundation(_ document: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)) != nil
    }

    /// Foundation also reads other encodings; it refuses escapes of lone surrogates and numbers beyond a double, which
    /// the grammar allows.
    private func isComparable(_ document: [UInt8]) -> Bool {
        guard !document.contains(0), (document.first ?? 0) < 0x80 else { return false }
        let text = String(decoding: document, as: UTF8.self)
        return !text.contains(/\\u[dD]/) && !text.contains(/[eE][+\-]?[0-9]{3}/)
    }
}
