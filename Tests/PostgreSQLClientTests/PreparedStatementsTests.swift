import Testing

@testable import PostgreSQLClient

@Suite("prepared statements of a connection")
struct PreparedStatementsTests {
    private let one = PreparedStatements.Key(text: "SELECT 1", types: [])
    private let two = PreparedStatements.Key(text: "SELECT 2", types: [])
    private let three = PreparedStatements.Key(text: "SELECT 3", types: [])

    @Test("a statement is prepared once")
    func once() {
        var statements = PreparedStatements(capacity: 2)
        #expect(statements.use(one) == .prepare("s1", deallocate: nil))
        #expect(statements.use(one) == .ready("s1"))
    }

    @Test("the same text with other types is another statement")
    func types() {
        var statements = PreparedStatements(capacity: 2)
        _ = statements.use(one)
        #expect(statements.use(.init(text: "SELECT 1", types: [20])) == .prepare("s2", deallocate: nil))
    }

    @Test("the one not used for longest makes room")
    func eviction() {
        var statements = PreparedStatements(capacity: 2)
        _ = statements.use(one)
        _ = statements.use(two)
        _ = statements.use(one)
        #expect(statements.use(three) == .prepare("s3", deallocate: "s2"))
        #expect(statements.use(one) == .ready("s1"))
        #expect(statements.use(two) == .prepare("s4", deallocate: "s3"))
    }

    @Test("one that the server did not take is prepared again")
    func forgotten() {
        var statements = PreparedStatements(capacity: 2)
        _ = statements.use(one)
        statements.forget(one)
        #expect(statements.use(one) == .prepare("s2", deallocate: nil))
    }
}
