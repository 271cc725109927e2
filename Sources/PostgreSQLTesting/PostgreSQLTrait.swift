package import TestSupport
package import Testing

/// Starts one server for all tests of a suite, and ends it after the last.
package struct PostgreSQLTrait: SuiteTrait, TestScoping {
    @TaskLocal static var server: PostgreSQLServer?

    package func provideScope(for test: Test, testCase: Test.Case?, performing function: () async throws -> Void)
        async throws
    {
        let server = try await PostgreSQLServer()
        try await Self.$server.withValue(server, operation: function)
        await server.close()
    }

    /// The server of the suite under way.
    package static var current: PostgreSQLServer {
        get throws { try #require(server, "the suite needs the trait .postgreSQL") }
    }
}

extension Trait where Self == PostgreSQLTrait {
    package static var postgreSQL: Self { Self() }
}
