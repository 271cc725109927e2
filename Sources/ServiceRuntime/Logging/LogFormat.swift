import Glibc
import JSONBytes
package import Logging

/// How log lines look: `text` for people at a terminal, `json` (one object a line) for machines.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json

    /// Installs the process's log handler: standard error, this format, this level.
    package func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            var handler: any LogHandler =
                switch self {
                case .text: TextLogHandler(StreamLogHandler.standardError(label: label))
                case .json: JSONLogHandler(label: label)
                }
            handler.logLevel = level
            return handler
        }
    }
}

/// Writes each event as one JSON object in one line, so that a log is never cut by what a stranger sent.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = JSONWriter()
        line.beginObject()
        line.key("time")
        line.string(Timestamp.now.text)
        line.key("level")
        line.string(event.level.rawValue)
        line.key("logger")
        line.string(label)
        line.key("message")
        line.string(event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line.key(key)
            line.string(value.description)
        }
        line.endObject()
        // One write call a line: lines of several threads do not mix (POSIX: O_APPEND writes are atomic).
        let bytes = line.bytes + [UInt8(ascii: "\n")]
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
