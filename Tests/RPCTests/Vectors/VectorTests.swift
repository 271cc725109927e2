import DemoService
import JSONBytes
import Testing

/// The language-neutral cases, over a real socket, against the demo methods; what comes back is also read as the client
/// of this package reads it.
@Suite struct VectorTests {
    @Test func theCasesAreFound() {
        #expect(VectorFile.messages.count > 100)
        #expect(VectorFile.frames.count > 30)
        #expect(VectorFile.messages.contains { $0.file == "specification.json" })
    }

    @Test(arguments: VectorFile.messages)
    func messages(_ vector: VectorCase) async throws {
        let octets = try vector.octets
        try await withDemoServer { port in
            for octetByOctet in [false, true] where !octetByOctet || octets.count < 4096 {
                let peer = try await VectorPeer(port: port, octetByOctet: octetByOctet)
                try await peer.send(VectorOctets.framed(octets))
                try await peer.halfClose()
                let frames = try await peer.framesToEnd()
                let expected = vector.json["replies"]?.elements ?? []
                let isMatch = VectorPattern.matchInAnyOrder(expected, frames) { VectorPattern(json: $0).matches($1) }
                #expect(isMatch, "\(vector.testDescription): \(frames)")
                if let text = vector.json["reply_holds"]?.string {
                    #expect(frames.contains { $0.description.contains(text) }, "\(frames)")
                }
                try VectorHearing(of: peer).check()
                await peer.close()
            }
        }
    }

    @Test(arguments: VectorFile.frames)
    func frames(_ vector: VectorCase) async throws {
        let steps = vector.json["steps"]?.elements ?? []
        let octets = try steps.map { try VectorOctets.of(pieces: $0["send"]?.elements ?? []).count }.reduce(0, +)
        try await withDemoServer { port in
            for octetByOctet in [false, true] where !octetByOctet || octets < 4096 {
                let peer = try await VectorPeer(port: port, octetByOctet: octetByOctet)
                var conversation = VectorConversation(peer: peer)
                await #expect(throws: Never.self, "\(vector.testDescription), octet by octet: \(octetByOctet)") {
                    try await conversation.run(steps)
                }
                try VectorHearing(of: peer).check()
                await peer.close()
            }
        }
    }
}

extension VectorCase {
    /// The message of a case of `messages/`.
    fileprivate var octets: [UInt8] {
        get throws {
            if let hex = json["send_hex"]?.string { return try VectorOctets.octets(hex: hex) }
            guard let text = json["send"]?.string else { throw VectorMismatch("\(testDescription): nothing to send") }
            return Array(text.utf8)
        }
    }
}
