import Foundation
import TestSupport

/// What openpyxl reads in a downloaded file: somebody else's reading is the judge of our writing.
enum Workbook {
    private static let script = """
        import io, json, sys, zipfile, openpyxl
        rows = []
        with zipfile.ZipFile(sys.argv[1]) as outer:
            assert outer.testzip() is None
            for name in outer.namelist():
                book = openpyxl.load_workbook(io.BytesIO(outer.read(name)), read_only=True)
                rows += [[str(v) for v in row] for row in book.active.iter_rows(values_only=True)]
        json.dump(rows, sys.stdout)
        """

    static func rows(ofZip path: String) async throws -> [[String]] {
        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        let result = try await runSuccessfully(python, ["-c", script, path])
        return try JSONDecoder().decode([[String]].self, from: Data(result.standardOutput.utf8))
    }
}
