/// Something started for a measurement that has to be ended after it.
protocol Running {
    func stop() async
}

/// Runs the body and stops what it used, whatever happened.
func using<Thing: Running, Result>(_ thing: Thing, _ body: (Thing) async throws -> Result) async throws -> Result {
    do {
        let result = try await body(thing)
        await thing.stop()
        return result
    } catch {
        await thing.stop()
        throw error
    }
}
