import TestSupport

extension TestProcess {
    /// Waits until it answers a GET with 200.
    func answers(_ path: String, at address: String, name: String) async throws {
        let client = try ExportClient(facade: address)
        try await eventually(within: .seconds(20), "\(name) to answer") {
            guard isRunning else {
                throw BenchmarkError("\(name) ended at once: \(standardError.suffix(1_000))")
            }
            return (try? await client.status(path)) == 200
        }
    }
}
