import Foundation
import TestSupport
import Testing

/// The clients in other languages: their own tests against this build of the server, and their packages.
@Suite struct ClientTests {
    @Test(arguments: ClientLanguage.allCases)
    func passesItsOwnTests(_ language: ClientLanguage) async throws {
        let tests = try await language.tests()
        let result = try await runProcess(
            tests.command, tests.arguments, environment: ["PAILOU": PailouProcess.program],
            workingDirectory: language.directory, within: .seconds(300))
        #expect(result.status == 0, "\(result.standardOutput.suffix(3000))\(result.standardError.suffix(6000))")
        // A runner that finds no tests is content, too.
        let summary = result.standardOutput + result.standardError
        #expect(try language.testCount(in: summary) >= language.testsMin, "\(summary.suffix(1000))")
    }

    @Test(arguments: ClientLanguage.allCases)
    func isUsableFromItsPackage(_ language: ClientLanguage) async throws {
        let directory = try TemporaryDirectory()
        try await language.useFromPackage(in: directory)
    }
}

/// A language there is a client for.
enum ClientLanguage: String, CaseIterable, Sendable {
    case python

    var directory: String { "\(packageDirectory())/clients/\(rawValue)" }

    /// As many tests as it has at least.
    var testsMin: Int {
        switch self {
        case .python: 100
        }
    }

    /// How to run its tests in place.
    func tests() async throws -> (command: String, arguments: [String]) {
        switch self {
        case .python: ("python3", ["-m", "unittest", "discover"])
        }
    }

    /// How many tests a run says it has done.
    func testCount(in output: String) throws -> Int {
        switch self {
        case .python: Int(try #require(output.firstMatch(of: /Ran (\d+) tests/)).1)!
        }
    }

    /// Builds the package and uses it as a stranger would, far from the checkout.
    func useFromPackage(in directory: TemporaryDirectory) async throws {
        switch self {
        case .python: try await usePythonWheel(self.directory, in: directory)
        }
    }
}

/// Builds the wheel, and imports it from an environment that holds nothing else.
private func usePythonWheel(_ source: String, in directory: TemporaryDirectory) async throws {
    // setuptools comes from PyPI once; the build itself needs no network. It leaves files beside what it builds.
    let builder = try await pythonWithPackages(["setuptools==80.9.0"])
    let copy = directory.path("source")
    try FileManager.default.copyItem(atPath: source, toPath: copy)
    try await runSuccessfully(
        builder,
        [
            "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir",
            directory.path("wheels"), copy,
        ], within: .seconds(120))
    let wheels = try FileManager.default.contentsOfDirectory(atPath: directory.path("wheels"))
    #expect(wheels == ["pailou-1.0.0-py3-none-any.whl"])
    let environment = directory.path("environment")
    try await runSuccessfully("python3", ["-m", "venv", environment], within: .seconds(120))
    let python = "\(environment)/bin/python"
    let wheel = directory.path("wheels/\(try #require(wheels.first))")
    try await runSuccessfully(python, ["-m", "pip", "install", "--quiet", "--no-index", wheel], within: .seconds(120))
    let script = """
        import importlib.resources, pailou
        assert importlib.resources.files(pailou).joinpath("py.typed").is_file()
        print(pailou.__file__, pailou.Client.__name__, pailou.__version__)
        """
    let result = try await runSuccessfully(python, ["-c", script], workingDirectory: directory.path)
    #expect(result.standardOutput.hasPrefix(environment))
    #expect(result.standardOutput.hasSuffix(" Client 1.0.0\n"))
}
