import NIOCore
import RPC
import Synchronization
import TestSupport

/// What `test.file` sends, by the name asked for.
func file(_ context: RPCContext, _ opener: RPCStreamOpener, _ log: CallLog) async throws {
    let name = context.params.map { String(buffer: $0) } ?? ""
    if name.contains("missing") { throw RPCError(.notFound, reason: "file", "no such file") }
    if name.contains("endless") { return try await endless(opener, log) }
    var content = RPCContent(type: "text/plain", size: 10, etag: "\"v1\"", modified: 784_111_777)
    if name.contains("named") { content.name = "报告 \"1\"\r\nX-Evil: 1.txt" }
    if name.contains("sizeless") { content.size = nil }
    if name.contains("injection") { content.type = "text/plain\r\nX-Evil: 1" }
    if let range = context.meta.http?.range { apply(range, to: &content) }
    let writer = try await opener.open(content)
    if context.meta.http?.head == true || content.status == 416 { return }
    if name.contains("cut") {
        try await writer.write(ByteBuffer(string: "01234"))
        throw RPCError(.dataLoss, "the disk is gone")
    }
    if name.contains("short") { return try await writer.write(ByteBuffer(string: "01234")) }
    let octets = content.range.map { "0123456789".dropFirst($0.first).prefix($0.last - $0.first + 1) } ?? "0123456789"
    try await writer.write(ByteBuffer(string: String(octets)))
}

private func apply(_ range: String, to content: inout RPCContent) {
    if range == "bytes=2-5" {
        content.range = .init(first: 2, last: 5, total: 10)
        content.size = 4
    } else {
        content.status = 416
    }
}

/// What `test.seekable` has.
let seekableBytes = 300_000

/// Begins wherever the caller wants it to.
func seekable(_ opener: RPCStreamOpener, _ log: CallLog) async throws {
    let writer = try await opener.open(RPCContent(type: "application/octet-stream", size: seekableBytes))
    let wanted = await writer.wanted(ofLast: seekableBytes)
    log.state.withLock { $0.octetsWritten += wanted.count }
    try await writer.write(ByteBuffer(repeating: 0x61, count: wanted.count))
}

/// 64 KiB chunks for as long as somebody takes them.
private func endless(_ opener: RPCStreamOpener, _ log: CallLog) async throws {
    let writer = try await opener.open(RPCContent(type: "application/octet-stream"))
    let chunk = ByteBuffer(repeating: 0x61, count: 64 * 1024)
    do {
        while true {
            try await writer.write(chunk)
            log.state.withLock { $0.chunksWritten += 1 }
        }
    } catch {
        log.state.withLock { $0.cancelled.append("test.file") }
        throw error
    }
}

/// What `test.events` says, by the kind asked for.
func events(_ context: RPCContext, _ log: CallLog) async throws -> ByteBuffer {
    let kind = context.params.map { String(buffer: $0) } ?? ""
    log.note(context.method)
    if kind.contains("fails") { throw RPCError(.notFound, reason: "job", "no such job") }
    context.progress(ByteBuffer(string: #"{"done":1}"#))
    try await context.item(ByteBuffer(string: "{\n\"row\":1}"))
    if kind.contains("breaks") { throw RPCError(.internal, reason: "job", "the job broke") }
    if kind.contains("after") {
        return ByteBuffer(string: "\(context.meta.stream?.after ?? -1)")
    }
    if kind.contains("waits") {
        await log.gate.wait()
        if Task.isCancelled { log.state.withLock { $0.cancelled.append(context.method) } }
    }
    return ByteBuffer(string: #"{"state":"done"}"#)
}
