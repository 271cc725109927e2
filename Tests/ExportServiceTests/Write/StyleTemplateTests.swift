import Foundation
import Spreadsheet
import TestSupport
import Testing

@testable import ExportService

/// Templates of styles: files of the operator's that say what workbooks of certain titles look like.
struct StyleTemplateTests {
    private static let yaml = """
        # What the finance department wants.
        titles: ["Orders *", 订单]
        header: {font: Arial, size: 12, color: "#FFFFFF", fill: "#1F4E78", align: center, wrap: true, height: 30}
        cells: {font: Arial, italic: true, border: true}
        totals: {bold: false, fill: "#000000"}
        formats: {decimal: "#,##0.00", date: dd.mm.yyyy}
        columns:
          amount: {format: '"$"#,##0.00', width: 14}
          name: {width: 40}
        """

    private func read(_ text: String) throws -> StyleTemplate {
        try StyleTemplateReader(file: "a.yaml").read(text)
    }

    @Test func aTemplateSaysWhatCellsLookLike() throws {
        let template = try read(Self.yaml)
        #expect(template.titles == ["Orders *", "订单"])
        var style = SheetStyle()
        style.header.fontName = "Arial"
        style.header.fontSize = 12
        style.header.color = 0xFFFFFF
        style.header.fill = 0x1F4E78
        style.header.alignment = .center
        style.header.wrapsText = true
        style.headerHeight = 30
        style.cells.fontName = "Arial"
        style.cells.isItalic = true
        style.cells.hasBorder = true
        style.totals.isBold = false
        style.totals.fill = 0
        #expect(template.style == style)
        #expect(template.formats == ["decimal": "#,##0.00", "date": "dd.mm.yyyy"])
        #expect(template.columns["amount"] == .init(format: "\"$\"#,##0.00", width: 14))
        #expect(template.columns["name"] == .init(format: nil, width: 40))
    }

    @Test func jsonIsATemplateToo() throws {
        let template = try read(
            ##"{"titles": ["a"], "header": {"bold": false}, "formats": {"integer": "#,##0"}}"##)
        #expect(!template.style.header.isBold && template.formats == ["integer": "#,##0"])
    }

    @Test func whatARequestAsksForGoesBefore() throws {
        let template = try read(Self.yaml)
        var shape = SheetShape()
        shape.columns = [
            ColumnShape(kind: .decimal(3), width: 9), ColumnShape(kind: .decimal(3)), ColumnShape(kind: .integer),
        ]
        let styled = template.styled(shape, keys: ["amount", "tax", "name"])
        #expect(styled.columns.map(\.width) == [9, nil, 40])
        #expect(styled.columns.map(\.formatCode) == ["\"$\"#,##0.00", "#,##0.00", nil])
        #expect(template.styled(SheetShape(), keys: ["name"]).columns.map(\.width) == [40])
    }

    @Test(arguments: [
        ("Orders *", "Orders 2024", true), ("Orders *", "Orders", false), ("*", "", true), ("*表", "大表", true),
        ("*表", "大表1", false), ("a*b*c", "aXbXbc", true), ("a*b*c", "aXbX", false), ("a", "A", false), ("a", "a", true),
        ("**", "x", true), ("a*", "a", true),
    ])
    func titlesArePatterns(pattern: String, title: String, isMatch: Bool) {
        #expect(StyleTemplate(titles: [pattern]).isFor(title) == isMatch)
    }

    @Test(arguments: [
        ("", "a.yaml: expected a template, found nothing"),
        ("titles: [", "a.yaml: expected YAML or JSON: "),
        ("- a", "a.yaml:1: expected a template as a mapping"),
        ("header: {}", "a.yaml:1: expected titles, a list of the titles of exports that it is for"),
        ("titles: a", "a.yaml:1: expected titles to be a list with at least one title"),
        (
            "titles: [a]\ncolour: red",
            "a.yaml:2: expected titles, header, cells, totals, formats or columns, found colour"
        ),
        ("titles: [a]\ncells: {height: 3}", "a.yaml:2: expected font, size, bold, italic"),
        ("titles: [a]\nheader:\n  fill: red", "a.yaml:3: expected fill to be \"#RRGGBB\", in quotes"),
        ("titles: [a]\nheader: {size: 0}", "a.yaml:2: expected size to be 1 to 409"),
        ("titles: [a]\nheader: {bold: maybe}", "a.yaml:2: expected bold to be true or false"),
        ("titles: [a]\nheader: {align: middle}", "a.yaml:2: expected align to be left, center or right"),
        ("titles: [a]\nheader: {font: \"\"}", "a.yaml:2: expected font to have 1 to 31 characters"),
        ("titles: [a]\nformats: {number: '0'}", "a.yaml:2: expected general, text, integer"),
        ("titles: [a]\nformats: {integer: '0;0;0;0;0'}", "a.yaml:2: expected integer to be a number format"),
        ("titles: [a]\nformats: {integer: '\"0'}", "a.yaml:2: expected integer to be a number format"),
        ("titles: [a]\nformats: {integer: '[Red0'}", "a.yaml:2: expected integer to be a number format"),
        ("titles: [a]\ncolumns: {k: {width: 256}}", "a.yaml:2: expected width to be 1 to 255"),
        ("titles: [a]\ncolumns: {k: {wide: 2}}", "a.yaml:2: expected format or width, found wide"),
    ])
    func aBadTemplateIsRefusedWithItsPlace(text: String, reason: String) {
        let fault = #expect(throws: StyleFault.self) { try read(text) }
        #expect(fault?.description.hasPrefix(reason) == true, "\(String(describing: fault))")
    }

    @Test func aDirectoryIsReadInTheOrderOfItsNames() throws {
        let directory = try TemporaryDirectory()
        try directory.write("titles: [\"a*\"]\nheader: {size: 20}", to: "2.yaml")
        try directory.write(#"{"titles": ["ab"], "header": {"size": 10}}"#, to: "1.json")
        try directory.write("not a template", to: "README")
        let templates = try StyleTemplates(directory: directory.path)
        #expect(templates.template(for: "ab")?.style.header.fontSize == 10)
        #expect(templates.template(for: "ac")?.style.header.fontSize == 20)
        #expect(templates.template(for: "b") == nil)

        try directory.write("titles: []", to: "3.yml")
        let fault = #expect(throws: StyleFault.self) { try StyleTemplates(directory: directory.path) }
        #expect(fault?.description.hasPrefix(directory.path("3.yml") + ":1: ") == true)
        #expect(throws: StyleFault.self) { try StyleTemplates(directory: directory.path("missing")) }
    }

    @Test func workbooksOfATitleLookAsItsTemplateSays() async throws {
        let server = try await PagedSource(total: 3).server()
        let styles = try TemporaryDirectory()
        try styles.write(
            "titles: [\"Orders *\"]\nheader: {fill: \"#1F4E78\"}\ncolumns: {amount: {format: '0.000', width: 33}}",
            to: "orders.yaml")
        let templates = try StyleTemplates(directory: styles.path)
        try await withExports({ $0.file.styles = templates }) { harness in
            let script = """
                import sys, openpyxl
                sheet = openpyxl.load_workbook(sys.argv[1]).worksheets[0]
                column = [c.value for c in sheet[1]].index("金额")
                letter = sheet.cell(1, column + 1).column_letter
                fill, code = sheet.cell(1, 1).fill.fgColor.rgb, sheet.cell(2, column + 1).number_format
                print(fill == "FF1F4E78", code, int(sheet.column_dimensions[letter].width))
                """
            let python = try await pythonWithPackages(["openpyxl"])
            for (title, look) in [("Orders 2024", "True 0.000 33\n"), ("Others", "False General 8\n")] {
                let (_, folder) = try await harness.exported(server.request(title: title))
                let found = try await runSuccessfully(
                    python, ["-c", script, "\(folder)/\(title).xlsx"], environment: ["PYTHONUTF8": "1"])
                #expect(found.standardOutput == look)
            }
        }
        await server.close()
    }
}
