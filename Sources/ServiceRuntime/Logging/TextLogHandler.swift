package import Logging

/// Keeps every event on one line and terminals out of strangers' hands: control characters are written as escapes.
///
/// Much of what is logged came from outside (a source's own words, titles, user ids); a line feed in it would let its
/// author write lines of our log.
package struct TextLogHandler<Inner: LogHandler>: LogHandler {
    private var inner: Inner

    package init(_ inner: Inner) { self.inner = inner }

    package var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue.mapValues(Self.printable) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue.map(Self.printable) }
    }

    package func log(event: LogEvent) {
        var event = event
        event.message = Logger.Message(stringLiteral: Self.printable(event.message.description))
        event.metadata = event.metadata?.mapValues(Self.printable)
        inner.log(event: event)
    }

    private static func printable(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        .string(printable(value.description))
    }

    /// The text with `\n`, `\u{1B}` and the like instead of control characters.
    static func printable(_ text: String) -> String {
        // C0 controls and DEL, or the lead octet of C1 controls and of the separators U+2028 and U+2029.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
