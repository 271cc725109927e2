import JSONBytes
import Testing

@Suite struct JSONMemberFinderTests {
    @Test(arguments: [
        #"{"a":1,"b":[1,{"c":2}],"d":"x\"}y","e":{}}"#,
        #" { "a" : 1 , "b" : [ ] , "k\u0041" : "\\" } "#,
        #"{}"#, #"{"a":{"b":{"c":"}"}},"n":null,"t":true}"#, #"{"汉":"字","":-1.5e3 }"#,
        #"[{"a":1},2]"#, #"1"#, #""{\"a\":1}""#,
    ])
    func `wherever a text is cut, its members are those of the whole`(text: String) {
        let octets = Array(text.utf8)
        let expected = scanned(octets)
        for cut in 0...octets.count {
            #expect(found(octets, steps: [cut, octets.count]) == expected, "cut at \(cut)")
        }
        #expect(found(octets, steps: Array(0...octets.count)) == expected)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `random texts, cut at random`(seed: UInt64) {
        var random = RandomDocument(seed: seed)
        let octets = random.document()
        let steps = random.cuts(of: octets) + [octets.count]
        #expect(found(octets, steps: steps) == scanned(octets), "\(String(decoding: octets, as: UTF8.self))")
    }

    @Test func `the kind is known from the first bracket on`() {
        var finder = JSONMemberFinder()
        Array("  ".utf8).withUnsafeBytes { finder.advance($0) { _, _ in } }
        #expect(finder.kind == nil)
        Array("  [".utf8).withUnsafeBytes { finder.advance($0) { _, _ in } }
        #expect(finder.kind == .array)
    }

    private func found(_ octets: [UInt8], steps: [Int]) -> [[Range<Int>]] {
        var finder = JSONMemberFinder()
        var members: [[Range<Int>]] = []
        for end in steps {
            octets.withUnsafeBytes { bytes in
                finder.advance(UnsafeRawBufferPointer(rebasing: bytes[0..<end])) { members.append([$0, $1]) }
            }
        }
        return members
    }

    private func scanned(_ octets: [UInt8]) -> [[Range<Int>]] {
        octets.withUnsafeBytes { bytes in
            var members: [[Range<Int>]] = []
            JSONScanner.forEachMember(of: bytes) { key, value in
                members.append([key, value])
                return true
            }
            return members
        }
    }
}
