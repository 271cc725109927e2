import JSONBytes
import RPC
import Spreadsheet

/// The rules of `columns` and `sheet`: what the file looks like.
enum ShapeRules {
    static let columnsMax = 16_384
    static let captionCharactersMax = 255
    static let widths = 1...255
    static let digits = 0...15

    static func shape(of body: JSONValue, _ fields: inout RequestFields) -> ExportShape {
        var shape = ExportShape()
        shape.columns = columns(of: body, &fields)
        if let sheet = fields.optional("sheet", of: body) {
            shape.sheet = Self.sheet(sheet, &fields)
            shape.sheetPerPart = flag("per_part", of: sheet, at: ["sheet"], &fields)
        }
        return shape
    }

    /// Refuses what only workbooks show. Files of lines hold the source's values as they came: whoever asks for the clocks of
    /// Shanghai must not get UTC without a word.
    static func refuseShape(ofWorkbooks body: JSONValue, _ format: ExportFormat, _ fields: inout RequestFields) {
        let reason = "expected none for \(format.rawValue): only workbooks (XLSX) have it"
        if fields.optional("sheet", of: body) != nil { fields.refuse(["sheet"], reason, type: "value_error") }
        let columns = fields.optional("columns", of: body)?.elements ?? []
        for (index, column) in columns.prefix(columnsMax).enumerated() {
            for name in ["format", "currency", "time_zone", "width", "group", "total"] {
                guard let value = fields.optional(name, of: column) else { continue }
                if name == "format", value.string == "general" { continue }
                fields.refuse(["columns", String(index), name], reason, type: "value_error")
            }
        }
    }

    private static func sheet(_ value: JSONValue, _ fields: inout RequestFields) -> SheetShape {
        var shape = SheetShape()
        let path = ["sheet"]
        guard case .object = value else {
            fields.refuse(path, "expected an object, found \(value.kindInWords)", type: "dict_type")
            return shape
        }
        shape.name = fields.text(fields.optional("name", of: value), at: path + ["name"], charactersMax: 31)
        shape.freezesHeader = flag("freeze", of: value, at: path, &fields) ?? true
        shape.hasFilter = flag("filter", of: value, at: path, &fields) ?? true
        let frozen = fields.optional("freeze_columns", of: value)
        shape.frozenColumns = fields.integer(frozen, at: path + ["freeze_columns"], in: 0...columnsMax - 1) ?? 0
        return shape
    }

    private static func flag(
        _ name: String, of object: JSONValue, at path: [String], _ fields: inout RequestFields
    ) -> Bool? {
        guard let value = fields.optional(name, of: object) else { return nil }
        if let flag = value.bool { return flag }
        fields.refuse(path + [name], "expected a boolean, found \(value.kindInWords)", type: "bool_type")
        return nil
    }

    private static func columns(of body: JSONValue, _ fields: inout RequestFields) -> [ShapedColumn]? {
        guard let value = fields.optional("columns", of: body) else { return nil }
        guard let elements = value.elements, (1...columnsMax).contains(elements.count) else {
            fields.refuse(["columns"], "expected an array of 1 to \(columnsMax) columns", type: "list_type")
            return nil
        }
        var keys: Set<String> = []
        return elements.enumerated().compactMap { index, element in
            let path = ["columns", String(index)]
            guard case .object = element else {
                fields.refuse(path, "expected an object, found \(element.kindInWords)", type: "dict_type")
                return nil
            }
            let found = fields.required("key", of: element, at: path)
            guard let key = fields.text(found, at: path + ["key"], charactersMax: 1_024) else { return nil }
            if !keys.insert(key).inserted {
                fields.refuse(path + ["key"], "expected a key that no other column has", type: "value_error")
            }
            let caption = fields.text(
                fields.optional("caption", of: element), at: path + ["caption"], charactersMax: captionCharactersMax,
                allowEmpty: true)
            return ShapedColumn(key: key, caption: caption, shape: column(element, at: path, &fields))
        }
    }

    private static func column(
        _ value: JSONValue, at path: [String], _ fields: inout RequestFields
    ) -> ColumnShape {
        var column = ColumnShape()
        column.kind = kind(of: value, at: path, &fields)
        column.width = fields.integer(fields.optional("width", of: value), at: path + ["width"], in: widths)
        column.group = fields.text(
            fields.optional("group", of: value), at: path + ["group"], charactersMax: captionCharactersMax)
        let total = fields.optional("total", of: value)
        if let word = fields.text(total, at: path + ["total"], charactersMax: 16) {
            column.total = ColumnShape.Total(rawValue: word)
            if column.total == nil {
                let known = ColumnShape.Total.allCases.map(\.rawValue).joined(separator: ", ")
                fields.refuse(path + ["total"], "expected \(known), found another word", type: "literal_error")
            }
        }
        return column
    }

    /// `text`, `integer`, `decimal(2)`, `percent`, `money`, `date`, `datetime`; with `currency` and `time_zone` beside it.
    private static func kind(
        of value: JSONValue, at path: [String], _ fields: inout RequestFields
    ) -> ColumnShape.Kind {
        let zone = timeZone(of: value, at: path, &fields)
        let symbol = currency(of: value, at: path + ["currency"], &fields)
        let found = fields.optional("format", of: value)
        guard let word = fields.text(found, at: path + ["format"], charactersMax: 32) else { return .general }
        switch word {
        case "general": return .general
        case "text": return .text
        case "integer": return .integer
        case "percent": return .percent
        case "money": return .money(symbol: symbol ?? "")
        case "date": return .date(timeZone: zone)
        case "datetime": return .dateTime(timeZone: zone)
        default: break
        }
        if word.hasPrefix("decimal("), word.hasSuffix(")"), let count = Int(word.dropFirst(8).dropLast()),
            digits.contains(count)
        {
            return .decimal(count)
        }
        fields.refuse(
            path + ["format"],
            "expected general, text, integer, decimal(0) to decimal(15), percent, money, date or datetime, found another word",
            type: "literal_error")
        return .general
    }

    private static func currency(
        of value: JSONValue, at path: [String], _ fields: inout RequestFields
    ) -> String? {
        let found = fields.optional("currency", of: value)
        guard let symbol = fields.text(found, at: path, charactersMax: 8, allowEmpty: true) else { return nil }
        if ColumnShape.isSymbol(symbol) { return symbol }
        fields.refuse(
            path, "expected a symbol of at most \(ColumnShape.symbolBytesMax) octets without control characters",
            type: "value_error")
        return nil
    }

    private static func timeZone(
        of value: JSONValue, at path: [String], _ fields: inout RequestFields
    ) -> String? {
        let found = fields.optional("time_zone", of: value)
        guard let name = fields.text(found, at: path + ["time_zone"], charactersMax: 64) else { return nil }
        if SheetShape.isTimeZone(name) { return name }
        fields.refuse(
            path + ["time_zone"], "expected a time zone such as Asia/Shanghai, found another word", type: "value_error")
        return nil
    }
}
