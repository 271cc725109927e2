import Logging
import Synchronization
import Testing

@testable import ServiceRuntime

struct TextLogHandlerTests {
    @Test(arguments: [
        ("plain 中文 text – with €", "plain 中文 text – with €"),
        ("a\nb\r\u{1B}[31m\0", "a\\nb\\r\\u{1B}[31m\\0"),
        ("\u{7F}\u{85}\u{2028}", "\\u{7F}\\u{0085}\\u{2028}"),
    ])
    func whatStrangersSendStaysOnItsLine(text: String, line: String) {
        let recorder = RecordingLogHandler()
        var logger = Logger(label: "test") { _ in TextLogHandler(recorder) }
        logger[metadataKey: "user"] = "\(text)"
        logger.info("\(text)", metadata: ["reason": "\(text)"])
        #expect(recorder.lines == [line, line])
    }
}

/// Message and metadata as the inner handler gets them.
private final class RecordingLogHandler: LogHandler {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        state.withLock { $0 += [event.message.description] + (event.metadata ?? [:]).values.map(\.description) }
    }
}
