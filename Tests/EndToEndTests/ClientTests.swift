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

    @Test func everyReadmeSaysTheSameThingsInTheSameOrder() throws {
        let headings = try (ClientLanguage.allCases.map(\.rawValue) + ["swift"]).map { language in
            let path = "\(packageDirectory())/clients/\(language)/README.md"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map(String.init)
        }
        #expect(headings[0].count == 11)
        #expect(Set(headings).count == 1, "\(headings)")
    }
}

/// A language there is a client for.
enum ClientLanguage: String, CaseIterable, Sendable {
    case python, javascript, java

    var directory: String { "\(packageDirectory())/clients/\(rawValue)" }

    /// As many tests as it has at least.
    var testsMin: Int {
        switch self {
        case .python: 100
        case .javascript, .java: 400
        }
    }

    /// How to run its tests in place.
    func tests() async throws -> (command: String, arguments: [String]) {
        switch self {
        case .python: ("python3", ["-m", "unittest", "discover"])
        case .javascript: ("node", ["--test"])
        case .java: ("\(directory)/test", [])
        }
    }

    /// How many tests a run says it has done.
    func testCount(in output: String) throws -> Int {
        switch self {
        case .python: Int(try #require(output.firstMatch(of: /Ran (\d+) tests/)).1)!
        case .javascript: Int(try #require(output.firstMatch(of: /tests (\d+)/)).1)!
        case .java: Int(try #require(output.firstMatch(of: /of (\d+) tests passed/)).1)!
        }
    }

    /// Builds the package and uses it as a stranger would, far from the checkout.
    func useFromPackage(in directory: TemporaryDirectory) async throws {
        switch self {
        case .python: try await usePythonWheel(self.directory, in: directory)
        case .javascript: try await useNodePackage(self.directory, in: directory)
        case .java: try await useJavaArchive(self.directory, in: directory)
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

/// Copies what `package.json` says belongs to the package to where Node looks for packages, and imports it by its name.
private func useNodePackage(_ source: String, in directory: TemporaryDirectory) async throws {
    struct Manifest: Decodable {
        let version: String
        let files: [String]
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: source + "/package.json"))
    let manifest = try JSONDecoder().decode(Manifest.self, from: data)
    let package = directory.path("node_modules/pailou")
    try FileManager.default.createDirectory(atPath: package, withIntermediateDirectories: true)
    for file in manifest.files + ["package.json"] {
        try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(package)/\(file)")
    }
    let script = #"import { Client, VERSION } from "pailou"; console.log(new Client("h:1").features.length, VERSION);"#
    let result = try await runSuccessfully(
        "node", ["--input-type=module", "--eval", script], workingDirectory: directory.path)
    #expect(result.standardOutput == "0 \(manifest.version)\n")
}

/// Builds the jar, and compiles and runs a program that requires it as a module.
private func useJavaArchive(_ source: String, in directory: TemporaryDirectory) async throws {
    let copy = directory.path("source")
    try FileManager.default.copyItem(atPath: source, toPath: copy)
    try await runSuccessfully("\(copy)/jar", within: .seconds(120))
    let program = try directory.write(
        """
        package stranger;

        class Stranger {
            public static void main(String[] arguments) {
                System.out.println(pailou.PailouClient.of("h:1").features().size() + " " + pailou.PailouClient.VERSION);
            }
        }
        """, to: "Stranger.java")
    let module = try directory.write("module stranger { requires pailou; }", to: "module-info.java")
    let (archive, classes) = ("\(copy)/target/pailou.jar", directory.path("classes"))
    try await runSuccessfully("javac", ["-p", archive, "-d", classes, program, module], within: .seconds(120))
    let result = try await runSuccessfully("java", ["-p", "\(archive):\(classes)", "-m", "stranger/stranger.Stranger"])
    #expect(result.standardOutput == "0 1.0.0\n")
}
