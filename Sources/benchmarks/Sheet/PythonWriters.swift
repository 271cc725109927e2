import Foundation
import TestSupport

extension SheetContender {
    private static let packages = ["XlsxWriter==3.2.5", "rustpy-xlsxwriter", "pyexcelerate"]

    /// The writers of PyPI, each in a process of its own that has read the table before the clock runs.
    static func ofPython(_ table: SampleTable, rows: Int, in directory: TemporaryDirectory) async throws -> [Self] {
        let python = try await pythonWithPackages(packages)
        let source = try directory.write(text(of: table), to: "table.tsv")
        return ["XlsxWriter", "rustpy-xlsxwriter", "pyexcelerate"].map { name in
            Self(name: name) {
                let arguments = ["-c", script, name, source, "\(rows)", directory.path("python.xlsx")]
                let output = try await runSuccessfully(python, arguments, within: .seconds(600)).standardOutput
                let fields = output.split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .newlines)) }
                guard fields.count == 3 else { throw BenchmarkError("\(name) printed \(output)") }
                return SheetRun(seconds: fields[0], computing: fields[1], bytes: Int(fields[2]))
            }
        }
    }

    private static func text(of table: SampleTable) -> String {
        (0..<table.rows).map { row in
            (0..<SampleTable.columns).map { column in
                String(decoding: table.cell(row: row, column: column), as: UTF8.self)
            }.joined(separator: "\t")
        }.joined(separator: "\n")
    }

    private static let script = """
        import os, sys, time
        name, source, rows, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
        lines = [line.split("\\t") for line in open(source, encoding="utf-8").read().split("\\n")]
        table = [[cell if column % 2 == 0 else float(cell) for column, cell in enumerate(line)] for line in lines]
        table = [table[row % len(table)] for row in range(rows)]
        header = ["column %d" % column for column in range(len(table[0]))]
        start, computed = time.perf_counter(), time.process_time()
        if name == "XlsxWriter":
            import xlsxwriter
            with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate([header] + table):
                    for column, cell in enumerate(row):
                        (sheet.write_string if column % 2 == 0 or not number else sheet.write_number)(number, column, cell)
        elif name == "rustpy-xlsxwriter":
            from rustpy_xlsxwriter import write_worksheet
            write_worksheet([dict(zip(header, row)) for row in table], path)
        else:
            import pyexcelerate
            book = pyexcelerate.Workbook()
            book.new_sheet("a", data=[header] + table)
            book.save(path)
        print(time.perf_counter() - start, time.process_time() - computed, os.path.getsize(path))
        """
}
