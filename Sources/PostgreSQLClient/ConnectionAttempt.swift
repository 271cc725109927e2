import CPostgreSQL

/// Makes a connection that is ready for use.
struct ConnectionAttempt {
    private let options: PostgreSQLOptions

    init(_ options: PostgreSQLOptions) { self.options = options }

    func make() throws(PostgreSQLError) -> OpaquePointer {
        guard let handle = open() else { throw PostgreSQLError(.notConnected, "no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw PostgreSQLError(.notConnected, LibraryMessage.of(handle))
        }
        // Notices would be printed to standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            defer { PQfinish(handle) }
            throw PostgreSQLError(.notConnected, LibraryMessage.of(handle))
        }
        return handle
    }

    private func open() -> OpaquePointer? {
        let settings: [(String, String)] = [
            // Expanded as an address by libpq, whose members win over those in front of it.
            ("application_name", options.applicationName),
            ("connect_timeout", String(max(2, options.connectTimeout.components.seconds))),
            // A peer that vanished is found within half a minute, also while we only read.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "25000"),
            ("dbname", options.connection),
            ("client_encoding", "UTF8"),
            ("options", (serverSettings + schemaSettings).map { "-c \($0)=\($1)" }.joined(separator: " ")),
        ]
        return CStrings.with(settings.map(\.0)) { names in
            CStrings.with(settings.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
    }
}

extension ConnectionAttempt {
    /// What the server is asked to do for this connection. It finds a vanished peer as fast as we do.
    private var serverSettings: [(String, String)] {
        [
            ("statement_timeout", "\(options.statementTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(options.idleTransactionTimeout.milliseconds)"),
            ("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "25000"),
            ("timezone", "UTC"),
        ]
    }

    /// The second one is read by statements that have to know the schema's name.
    private var schemaSettings: [(String, String)] {
        options.schema.map { [("search_path", "\($0)"), ("pailou.schema", "\($0)")] } ?? []
    }
}

/// Arrays of C strings that end with a null pointer.
enum CStrings {
    static func with<Answer>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Answer
    ) -> Answer {
        let copies = strings.map { $0.withCString { text in strdupped(text) } }
        defer { for copy in copies { copy.deallocate() } }
        var pointers = copies.map { UnsafePointer<CChar>?($0) }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    private static func strdupped(_ text: UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar> {
        var count = 0
        while text[count] != 0 { count += 1 }
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: count + 1)
        copy.initialize(from: text, count: count + 1)
        return copy
    }
}

/// What the library says about its last failure, as one line.
enum LibraryMessage {
    static func of(_ handle: OpaquePointer) -> String {
        guard let text = PQerrorMessage(handle).map({ String(cString: $0) }), !text.isEmpty else {
            return "the connection broke"
        }
        return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
