import JSONBytes
import TestSupport
import Testing

/// Octets of the frame cases with a few of them changed: the server may answer what it likes, but goes on serving.
@Suite struct VectorDamageTests {
    @Test(arguments: 0..<6 as Range<UInt64>)
    func damagedOctetsNeverTakeTheServerDown(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let conversations = try VectorFile.frames.map(octets).filter { $0.count < 4096 && !holdsSleep($0) }
        try #require(conversations.count > 20)
        try await withDemoServer { port in
            for octets in conversations {
                let peer = try await VectorPeer(port: port, octetByOctet: false)
                try? await peer.send(damaged(octets, by: &random))
                try await peer.halfClose()
                _ = try await peer.textToEnd()
                await peer.close()
            }
            let peer = try await VectorPeer(port: port, octetByOctet: false)
            try await peer.send(VectorOctets.framed(Array(#"{"jsonrpc":"2.0","id":1,"method":"get_data"}"#.utf8)))
            let reply = try await peer.frame()
            #expect(reply.description.contains(#""result":["hello",5]"#))
            await peer.close()
        }
    }

    /// Everything a case sends, one behind the other.
    private func octets(of vector: VectorCase) throws -> [UInt8] {
        let fills = vector.json["steps"]?.description.contains(#""fill""#) ?? true
        guard !fills else { return [] }
        return try (vector.json["steps"]?.elements ?? []).flatMap {
            try VectorOctets.of(pieces: $0["send"]?.elements ?? [])
        }
    }

    /// A plain peer that has closed its half waits for its replies, here up to a minute.
    private func holdsSleep(_ octets: [UInt8]) -> Bool {
        String(decoding: octets, as: UTF8.self).contains("sleep")
    }

    private func damaged(_ octets: [UInt8], by random: inout SeededGenerator) -> [UInt8] {
        var result = octets
        for _ in 0..<Int.random(in: 1...3, using: &random) where !result.isEmpty {
            let position = Int.random(in: result.indices, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: result[position] = UInt8.random(in: .min ... .max, using: &random)
            case 1: result.remove(at: position)
            default: result.insert(result[position], at: position)
            }
        }
        return result
    }
}
