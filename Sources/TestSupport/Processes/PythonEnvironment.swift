import Foundation

/// Returns a Python interpreter that can import `packages`, installed from PyPI on first use.
///
/// Tests that judge our output by somebody else's code (openpyxl, Twisted) call it. The environments are kept under the
/// package's `.build` folder, one per list of packages; a lock file makes tests running at once build it once.
///
/// - Parameter packages: requirements as pip takes them, such as `openpyxl==3.1.5`.
package func pythonWithPackages(_ packages: [String], sourceFile: String = #filePath) async throws -> String {
    let sorted = packages.sorted()
    let name = sorted.joined(separator: "+").map { $0.isLetter || $0.isNumber || "+.-".contains($0) ? $0 : "_" }
    let root = "\(packageDirectory(containing: sourceFile))/.build/python"
    let environment = "\(root)/\(name.isEmpty ? "plain" : String(name))"
    let python = "\(environment)/bin/python"
    let stamp = "\(environment)/complete"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)

    try await withFileLock("\(environment).lock") {
        if FileManager.default.fileExists(atPath: stamp) { return }
        try? FileManager.default.removeItem(atPath: environment)
        try await runSuccessfully("python3", ["-m", "venv", environment], within: .seconds(120))
        if !sorted.isEmpty {
            try await runSuccessfully(python, ["-m", "pip", "install", "--quiet"] + sorted, within: .seconds(240))
        }
        // Written last: a half-made environment has no stamp and is made anew.
        try Data().write(to: URL(fileURLWithPath: stamp))
    }
    return python
}

/// The nearest directory above `file` that holds a Package.swift.
package func packageDirectory(containing file: String = #filePath) -> String {
    var directory = URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent()
    while directory.path != "/" {
        if FileManager.default.fileExists(atPath: directory.appendingPathComponent("Package.swift").path) {
            return directory.path
        }
        directory.deleteLastPathComponent()
    }
    return FileManager.default.currentDirectoryPath
}
