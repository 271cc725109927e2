import Foundation
import TestSupport

extension WriterContender {
    private static let packages = ["XlsxWriter==3.2.5", "rustpy-xlsxwriter", "pyexcelerate"]

    /// The writers of PyPI.
    static func ofPython(_ rows: Int, _ columns: Int, in directory: TemporaryDirectory) async throws -> [Self] {
        let python = try await pythonWithPackages(packages)
        let table = SampleTable(rows: min(rows, 100_000), columns: columns)
        let source = try directory.write(text(of: table), to: "table.tsv")
        return ["XlsxWriter", "rustpy-xlsxwriter", "pyexcelerate"].map { name in
            let arguments = ["-c", script, name, source, "\(rows)", directory.path("python.xlsx")]
            return Self(name: name) {
                try WriterRun(await runSuccessfully(python, arguments, within: durationMax).standardOutput)
            }
        }
    }

    private static func text(of table: SampleTable) -> String {
        (0..<table.rows).map { row in
            (0..<table.columns).map { column in
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

        def memory(field):
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith(field + ":")) * 1024

        header = ["column %d" % column for column in range(len(table[0]))]
        with open("/proc/self/clear_refs", "w") as references:
            references.write("5")
        before = memory("VmRSS")
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
        passed, computed = time.perf_counter() - start, time.process_time() - computed
        print(passed, computed, os.path.getsize(path), memory("VmHWM") - before)
        """
}
