import NIOCore
import RPC
import Testing

@Suite struct ChunkAssemblyTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let chunkBytes = ExtendedFrame.chunkBytesMax

    @Test func `chunks of several messages are put together in any mixture`() throws {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 20, heldBytesMax: 1 << 20)
        #expect(isTaken(begin(&assembly, 1, #"[1,"#)))
        #expect(isTaken(begin(&assembly, 2, #"{"a":"#)))
        #expect(whole(append(&assembly, 1, "2]", isLast: true))?.1 == "[1,2]")
        let (head, payload) = try #require(whole(append(&assembly, 2, "null}", isLast: true)))
        #expect(head == "2")
        #expect(payload == #"{"a":null}"#)
        #expect(assembly.isEmpty)
        #expect(assembly.byteCount == 0)
    }

    @Test func `a message of few octets holds few`() throws {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 20, heldBytesMax: 1 << 20)
        _ = begin(&assembly, 1, "[1,")
        guard case .whole(_, let payload) = append(&assembly, 1, "2]", isLast: true) else {
            Issue.record("expected the message to be whole")
            return
        }
        #expect(payload.storageCapacity < 1_000)
    }

    @Test func `a mistake is told when its chunk comes, not at the end`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 20, heldBytesMax: 1 << 20)
        #expect(isTaken(begin(&assembly, 1, "[1,")))
        #expect(error(append(&assembly, 1, ",", isLast: false))?.code == RPCError.parseError)
        guard case .unknown = append(&assembly, 1, "2]", isLast: true) else {
            Issue.record("expected the message to be forgotten")
            return
        }
        #expect(isTaken(begin(&assembly, 2, "[")))
        #expect(error(append(&assembly, 2, "1", isLast: true))?.code == RPCError.parseError)
    }

    @Test func `a message above the limit is refused at the chunk that passes it`() {
        var assembly = ChunkAssembly<String>(bytesMax: 10, heldBytesMax: 1 << 20)
        #expect(isTaken(begin(&assembly, 1, #"["12345"#)))
        let error = error(append(&assembly, 1, "6789", isLast: false))
        #expect(error?.code == RPCError.tooLarge)
        #expect(error.map { String(buffer: $0.info!) } == #"{"limit":10,"length":11}"#)
        #expect(assembly.byteCount == 0)
    }

    @Test func `a chunk may not be longer than chunks are`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 20, heldBytesMax: 1 << 20)
        #expect(error(begin(&assembly, 1, spaces(chunkBytes + 1)))?.code == RPCError.tooLarge)
    }

    @Test func `credits go back in halves, and a chunk without one is refused`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 20, heldBytesMax: 1 << 20)
        var granted = 0
        _ = begin(&assembly, 1, "[")
        for _ in 2...16 { granted += grant(append(&assembly, 1, " ", isLast: false)) ?? 0 }
        #expect(granted == 16)
        // Nobody else's message may go on while the oldest has been promised everything.
        var narrow = ChunkAssembly<String>(bytesMax: 1 << 30, heldBytesMax: 2 * chunkBytes)
        _ = begin(&narrow, 1, "[")
        _ = begin(&narrow, 2, "[")
        for _ in 2...16 { #expect(grant(append(&narrow, 2, " ", isLast: false)) == nil) }
        #expect(error(append(&narrow, 2, " ", isLast: false))?.reason == "credit")
    }

    @Test func `credits withheld are given when the message is the oldest`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 30, heldBytesMax: 4 * chunkBytes)
        _ = begin(&assembly, 1, "[")
        _ = begin(&assembly, 2, "[")
        for _ in 2...16 { _ = append(&assembly, 2, " ", isLast: false) }
        #expect(assembly.dueGrants(room: .plenty, now: start).isEmpty)
        #expect(whole(append(&assembly, 1, "]", isLast: true)) != nil)
        #expect(assembly.dueGrants(room: .plenty, now: start).map(\.1) == [16])
        #expect(assembly.dueGrants(room: .plenty, now: start).isEmpty)
    }

    @Test func `when memory is spent only the oldest message goes on`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 30, heldBytesMax: 3 * chunkBytes)
        _ = begin(&assembly, 1, "[" + spaces(chunkBytes - 1))
        _ = begin(&assembly, 2, "[" + spaces(chunkBytes - 1))
        _ = append(&assembly, 1, spaces(chunkBytes), isLast: false)
        let error = error(append(&assembly, 2, spaces(chunkBytes), isLast: false))
        #expect(error?.reason == "overloaded")
        #expect(error?.notStarted == true)
        #expect(assembly.byteCount == 2 * chunkBytes)
        for _ in 0..<5 { #expect(self.error(append(&assembly, 1, spaces(chunkBytes), isLast: false)) == nil) }
        #expect(self.error(begin(&assembly, 3, "["))?.reason == "overloaded")
    }

    @Test func `not even the oldest goes on when another connection's is older and the process has no memory left`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 30, heldBytesMax: 1 << 30)
        let spent = OctetRoom(bytes: 0, isOldest: false)
        let step = assembly.begin(.init(1), head: "1", payload: ByteBuffer(string: "["), room: spent, now: start)
        #expect(error(step)?.reason == "overloaded")
    }

    @Test func `a message whose chunks stop coming is given up, one that waits for credit is not`() {
        var assembly = ChunkAssembly<String>(bytesMax: 1 << 30, heldBytesMax: 2 * chunkBytes)
        _ = begin(&assembly, 1, "[")
        _ = begin(&assembly, 2, "[")
        for _ in 2...16 { _ = append(&assembly, 2, " ", isLast: false) }
        #expect(assembly.silenceTime(after: .seconds(30)) == start + .seconds(30))
        #expect(assembly.removeSilent(now: start + .seconds(29), after: .seconds(30)).isEmpty)
        #expect(assembly.removeSilent(now: start + .seconds(30), after: .seconds(30)) == [.init(1)])
        #expect(assembly.contains(.init(2)))
        #expect(assembly.silenceTime(after: .seconds(30)) == nil)
    }

    // MARK: Shorthand

    private typealias Step = ChunkAssembly<String>.Step

    private func begin(_ assembly: inout ChunkAssembly<String>, _ id: UInt64, _ text: String) -> Step {
        assembly.begin(.init(id), head: "\(id)", payload: ByteBuffer(string: text), room: .plenty, now: start)
    }

    private func append(_ assembly: inout ChunkAssembly<String>, _ id: UInt64, _ text: String, isLast: Bool) -> Step {
        assembly.append(ByteBuffer(string: text), to: .init(id), isLast: isLast, room: .plenty, now: start)
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private func isTaken(_ step: Step) -> Bool {
        if case .taken = step { return true }
        return false
    }

    private func grant(_ step: Step) -> Int? {
        if case .grant(let count) = step { return count }
        return nil
    }

    private func error(_ step: Step) -> RPCError? {
        if case .refuse(let error) = step { return error }
        return nil
    }

    private func whole(_ step: Step) -> (String, String)? {
        if case .whole(let head, let payload) = step { return (head, String(buffer: payload)) }
        return nil
    }
}
