/// A condition that did not come true in time.
package struct DeadlinePassed: Error, CustomStringConvertible {
    package let waitedFor: String
    package let limit: Duration
    package let place: String

    package var description: String {
        "\(place): waited \(limit) for \(waitedFor), which did not happen"
    }
}

/// Polls `condition` until it holds, and throws ``DeadlinePassed`` when it does not within `limit`.
///
/// For events of another process or another library that cannot be awaited. It returns at the first true answer, so the
/// limit can be generous: it is only ever spent by a failing test.
package func eventually(
    within limit: Duration = .seconds(10),
    _ waitedFor: String = "a condition",
    file: String = #fileID,
    line: Int = #line,
    until condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    var pause = Duration.milliseconds(1)
    while true {
        if try await condition() { return }
        guard clock.now < deadline else {
            throw DeadlinePassed(waitedFor: waitedFor, limit: limit, place: "\(file):\(line)")
        }
        try await clock.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
    }
}

/// Runs `body` and throws ``DeadlinePassed`` when it takes longer than `limit`; the body is cancelled then.
package func withDeadline<Value: Sendable>(
    _ limit: Duration = .seconds(10),
    _ waitedFor: String = "an operation",
    file: String = #fileID,
    line: Int = #line,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: limit)
            throw DeadlinePassed(waitedFor: waitedFor, limit: limit, place: "\(file):\(line)")
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}
