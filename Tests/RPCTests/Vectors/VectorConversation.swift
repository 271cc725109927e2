import JSONBytes

/// Takes the steps of a case of `frames/`.
struct VectorConversation {
    let peer: VectorPeer
    private var isClosed = false
    private var isEnded = false
    /// True once hello was answered with `meta` among its features.
    private var hasMeta = false

    init(peer: VectorPeer) {
        self.peer = peer
    }

    mutating func run(_ steps: [JSONValue]) async throws {
        for step in steps {
            do {
                try await take(step)
            } catch {
                throw VectorMismatch("step \(String(step.description.prefix(300))): \(error)")
            }
        }
        guard !isClosed else { return }
        try await peer.halfClose()
        let rest = try await peer.framesToEnd()
        guard rest.isEmpty else { throw VectorMismatch("nothing more was expected, found \(rest)") }
    }

    private mutating func take(_ step: JSONValue) async throws {
        if let pieces = step["send"]?.elements {
            try await peer.send(VectorOctets.of(pieces: pieces))
        } else if let patterns = step["receive"]?.elements {
            try await receive(patterns)
        } else if let text = step["receive_text"]?.string {
            let found = try await peer.textToEnd()
            guard found.hasPrefix(text) else { throw VectorMismatch("expected text, found \(found)") }
        } else if step["end"] == true {
            try await peer.halfClose()
        } else if step["closed"] == true {
            let rest = try await peer.framesToEnd()
            guard rest.isEmpty else { throw VectorMismatch("nothing more was expected, found \(rest)") }
            isClosed = true
        } else {
            throw VectorMismatch("an unknown step")
        }
    }

    private mutating func receive(_ patterns: [JSONValue]) async throws {
        if patterns.count == 1, let stream = patterns[0]["stream"] { return try await receive(stream: stream) }
        if patterns.count == 1, let chunks = patterns[0]["chunks"] { return try await receive(chunks: chunks) }
        let patterns = VectorRepeat.expanded(patterns)
        var frames: [VectorFrame] = []
        for _ in patterns { frames.append(try await peer.frame()) }
        let areMatched = VectorPattern.matchInAnyOrder(patterns, frames) { pattern, frame in
            pattern["x"].map { isMatch($0, frame) } ?? VectorPattern(json: pattern, allowsMeta: hasMeta).matches(frame)
        }
        guard areMatched else { throw VectorMismatch("found \(frames)") }
        if frames.contains(where: isAgreementOnMeta) { hasMeta = true }
    }

    private func isAgreementOnMeta(_ frame: VectorFrame) -> Bool {
        guard case .plain(let octets) = frame, let reply = try? JSONValue(parsing: octets) else { return false }
        return reply["result"]?["features"]?.elements?.contains("meta") ?? false
    }

    private func isMatch(_ pattern: JSONValue, _ frame: VectorFrame) -> Bool {
        guard case .extended(let flags, let header, let payload) = frame else { return false }
        return pattern["flags"].map { $0.integer == Int(flags) } ?? true
            && pattern["header"].map { VectorPattern.isWithin(header, $0) } ?? true
            && pattern["octets"].map { $0.integer == payload.count } ?? true
    }

    /// Chunks of a reply, however it is cut, up to the end of the text that is expected.
    private func receive(chunks: JSONValue) async throws {
        guard let text = VectorRepeat.text(chunks["text"]) else { throw VectorMismatch("no text to expect") }
        var expected = Array(text.utf8)[...]
        var flags: UInt8 = 4
        while !expected.isEmpty {
            let frame = try await peer.frame()
            guard case .extended(let found, let header, let payload) = frame, header["id"] == chunks["id"],
                flags == 4, found & ~4 == 0, payload.count <= 65536
            else { throw VectorMismatch("not a chunk of the reply: \(frame)") }
            guard expected.starts(with: payload) else { throw VectorMismatch("other octets than expected") }
            expected = expected.dropFirst(payload.count)
            flags = found
        }
        guard flags == (chunks["more"] == true ? 4 : 0) else { throw VectorMismatch("ended with flags \(flags)") }
    }

    /// All chunks of one stream, or what is left of it: counted, and each octet compared with `demo.stream`'s pattern.
    private func receive(stream: JSONValue) async throws {
        var offset = stream["from"]?.integer ?? 0
        let end = offset + (stream["octets"]?.integer ?? 0)
        var isFirst = offset == 0
        while true {
            let frame = try await peer.frame()
            guard case .extended(let flags, let header, let payload) = frame else {
                guard let error = stream["broken"], offset == end,
                    VectorPattern(json: error, allowsMeta: hasMeta).matches(frame)
                else {
                    throw VectorMismatch("at offset \(offset) of the stream: \(frame)")
                }
                return
            }
            guard header["id"] == stream["id"], flags & 2 == 2, payload.count <= 65536 else {
                throw VectorMismatch("not a chunk of the stream: \(frame)")
            }
            guard payload.enumerated().allSatisfy({ Int($1) == (offset + $0) % 251 }) else {
                throw VectorMismatch("other octets than expected from offset \(offset) on")
            }
            if isFirst, let content = stream["content"] {
                guard header["content"].map({ VectorPattern.isWithin($0, content) }) ?? false else {
                    throw VectorMismatch("the content does not fit: \(header)")
                }
            }
            isFirst = false
            offset += payload.count
            if flags & 4 == 0 { break }
        }
        guard offset == end, stream["broken"] == nil else { throw VectorMismatch("ended at offset \(offset)") }
    }
}
