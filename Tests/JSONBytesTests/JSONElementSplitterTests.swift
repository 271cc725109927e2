import JSONBytes
import Testing

/// Reading a long array, or a long string, without holding it.
@Suite struct JSONElementSplitterTests {
    private func elements(of text: String, piece size: Int) -> [String] {
        var splitter = JSONElementSplitter()
        var found: [String] = []
        let octets = Array(text.utf8)
        for start in stride(from: 0, to: octets.count, by: size) {
            octets[start..<min(start + size, octets.count)].withUnsafeBytes { piece in
                splitter.consume(piece) { found.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        return found
    }

    @Test(
        arguments: [
            ("[]", []), (" [ ] ", []), ("[1]", ["1"]), ("[{}]", ["{}"]),
            (#"[ {"a":[1,2]} , {"b":"}],"} ]"#, [#"{"a":[1,2]}"#, #"{"b":"}],"}"#]),
            (#"["\"","\\",[","]]"#, [#""\"""#, #""\\""#, #"[","]"#]), ("[null,true , -1e5]", ["null", "true", "-1e5"]),
            (#"[{"a" : 1,\#n "b": "中\u4e2d"}]"#, [#"{"a" : 1,\#n "b": "中\u4e2d"}"#]),
        ] as [(String, [String])], [1, 2, 3, 7, 64])
    func elementsAreTheSameWhereverThePiecesEnd(_ sample: (String, [String]), _ size: Int) {
        let found = elements(of: sample.0, piece: size).map { $0.trimmedAtEnd }
        #expect(found == sample.1)
    }

    @Test func randomArraysAreCutAsTheScannerCutsThem() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = RandomDocument(seed: seed)
            let rows = (0..<seed % 6).map { _ in String(decoding: random.document(), as: UTF8.self) }
            let text = "[\(rows.joined(separator: " ,\n"))]"
            var expected: [String] = []
            Array(text.utf8).withUnsafeBytes { text in
                JSONScanner.forEachElement(of: text) { range in
                    expected.append(String(decoding: JSONScanner.slice(text, range), as: UTF8.self))
                    return true
                }
            }
            #expect(elements(of: text, piece: Int(seed % 40) + 1).map(\.trimmedAtEnd) == expected, "seed \(seed)")
        }
    }

    @Test(arguments: [
        "", "a", #"\n"#, #"\ud83d\ude00"#, #"\ud800\ud83d\ude00x"#, #"\ud800"#, #"中\u4e2d\"\\\/"#, #"\ud800\u0041"#,
    ])
    func aStringReadInPiecesIsTheWholeString(_ pattern: String) {
        // Long enough for several pieces, and moved so that their ends fall everywhere in the pattern.
        for shift in 0..<14 {
            let inner = Array((String(repeating: "x", count: shift) + String(repeating: pattern, count: 20_000)).utf8)
            inner.withUnsafeBytes { inner in
                var whole: [UInt8] = []
                JSONScanner.appendUnescaped(inner, to: &whole)
                var pieces: [UInt8] = []
                var longest = 0
                JSONScanner.forEachUnescapedPiece(of: inner) { piece in
                    pieces += piece
                    longest = max(longest, piece.count)
                }
                #expect(pieces == whole)
                #expect(longest <= 64 * 1024 + 4)
            }
        }
    }
}

extension String {
    fileprivate var trimmedAtEnd: String { String(reversed().drop { $0.isWhitespace }.reversed()) }
}
