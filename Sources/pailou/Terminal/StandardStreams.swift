import Glibc

/// Results, written at once: `print` keeps them back while standard output is a pipe.
enum StandardOutput {
    static func write(_ text: String) {
        _ = text.withCString { Glibc.write(STDOUT_FILENO, $0, strlen($0)) }
    }
}

/// Messages for people, kept out of standard output, which is for results.
enum StandardError {
    static func print(_ message: String) { write(message + "\n") }

    static func write(_ text: String) {
        _ = text.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
