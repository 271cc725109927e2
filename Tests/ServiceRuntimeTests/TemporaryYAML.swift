import TestSupport

/// A configuration file in a directory that goes with the test.
struct TemporaryYAML {
    let directory: TemporaryDirectory
    let path: String

    init(_ text: String) throws {
        directory = try TemporaryDirectory()
        path = try directory.write(text, to: "pailou.yaml")
    }
}
