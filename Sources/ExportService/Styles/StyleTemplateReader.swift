import Spreadsheet
import Yams

/// Reads a template: YAML, or JSON, which is YAML too. A member that nobody knows is an error: it would do nothing.
struct StyleTemplateReader {
    static let fontNameCharactersMax = 31
    static let formatCharactersMax = 255
    static let fontSizes = 1.0...409.0
    static let heights = 1.0...409.0

    /// For the messages.
    let file: String

    func read(_ text: String) throws(StyleFault) -> StyleTemplate {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw StyleFault("\(file): expected YAML or JSON: \(error)")
        }
        guard let root else { throw StyleFault("\(file): expected a template, found nothing") }
        return try template(root)
    }

    private func template(_ root: Node) throws(StyleFault) -> StyleTemplate {
        var template = StyleTemplate()
        for (name, value) in try members(root, "a template") {
            switch name {
            case "titles": template.titles = try titles(value)
            case "header":
                template.style.headerHeight = try style(value, &template.style.header, mayHaveHeight: true)
            case "cells": _ = try style(value, &template.style.cells, mayHaveHeight: false)
            case "totals": _ = try style(value, &template.style.totals, mayHaveHeight: false)
            case "formats": template.formats = try formats(value)
            case "columns": template.columns = try columns(value)
            default: throw unknown(name, value, "titles, header, cells, totals, formats or columns")
            }
        }
        guard !template.titles.isEmpty else {
            throw fault(root, "expected titles, a list of the titles of exports that it is for")
        }
        return template
    }

    private func titles(_ node: Node) throws(StyleFault) -> [String] {
        guard let list = node.sequence, !list.isEmpty else {
            throw fault(node, "expected titles to be a list with at least one title")
        }
        var titles: [String] = []
        for title in list {
            guard let text = title.string, !text.isEmpty else { throw fault(title, "expected a title, as text") }
            titles.append(text)
        }
        return titles
    }

    /// Answers the height of the row, which only a header has.
    private func style(_ node: Node, _ style: inout CellStyle, mayHaveHeight: Bool) throws(StyleFault) -> Double? {
        var height: Double?
        for (name, value) in try members(node, "a style") {
            switch name {
            case "font": style.fontName = try text(value, name, charactersMax: Self.fontNameCharactersMax)
            case "size": style.fontSize = try number(value, name, in: Self.fontSizes)
            case "bold": style.isBold = try flag(value, name)
            case "italic": style.isItalic = try flag(value, name)
            case "wrap": style.wrapsText = try flag(value, name)
            case "border": style.hasBorder = try flag(value, name)
            case "color": style.color = try color(value, name)
            case "fill": style.fill = try color(value, name)
            case "align":
                guard let alignment = value.string.flatMap(CellStyle.Alignment.init) else {
                    throw fault(value, "expected align to be left, center or right")
                }
                style.alignment = alignment
            case "height" where mayHaveHeight: height = try number(value, name, in: Self.heights)
            default:
                throw unknown(
                    name, value,
                    "font, size, bold, italic, color, fill, align, wrap, border" + (mayHaveHeight ? " or height" : ""))
            }
        }
        return height
    }

    private func formats(_ node: Node) throws(StyleFault) -> [String: String] {
        var formats: [String: String] = [:]
        for (name, value) in try members(node, "formats") {
            guard ColumnShape.Kind.names.contains(name) else {
                throw unknown(name, value, ColumnShape.Kind.names.joined(separator: ", "))
            }
            formats[name] = try format(value, name)
        }
        return formats
    }

    private func columns(_ node: Node) throws(StyleFault) -> [String: StyleTemplate.Column] {
        var columns: [String: StyleTemplate.Column] = [:]
        for (key, value) in try members(node, "columns by their keys") {
            var column = StyleTemplate.Column()
            for (name, value) in try members(value, "a column") {
                switch name {
                case "format": column.format = try format(value, name)
                case "width":
                    column.width = Int(
                        try number(
                            value, name, in: Double(ShapeRules.widths.lowerBound)...Double(ShapeRules.widths.upperBound)
                        ))
                default: throw unknown(name, value, "format or width")
                }
            }
            columns[key] = column
        }
        return columns
    }

    // MARK: Values

    private func members(_ node: Node, _ what: String) throws(StyleFault) -> [(name: String, value: Node)] {
        guard let mapping = node.mapping else { throw fault(node, "expected \(what) as a mapping") }
        var members: [(name: String, value: Node)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw fault(key, "expected a text as name") }
            guard !members.contains(where: { $0.name == name }) else { throw fault(key, "\(name) stands here twice") }
            members.append((name, value))
        }
        return members
    }

    private func text(_ node: Node, _ name: String, charactersMax: Int) throws(StyleFault) -> String {
        guard let text = node.scalar?.string, (1...charactersMax).contains(text.count),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw fault(node, "expected \(name) to have 1 to \(charactersMax) characters, none of them controls") }
        return text
    }

    private func flag(_ node: Node, _ name: String) throws(StyleFault) -> Bool {
        switch node.scalar?.string {
        case "true": return true
        case "false": return false
        default: throw fault(node, "expected \(name) to be true or false")
        }
    }

    private func number(_ node: Node, _ name: String, in range: ClosedRange<Double>) throws(StyleFault) -> Double {
        guard let value = node.scalar.flatMap({ Double($0.string) }), range.contains(value) else {
            throw fault(node, "expected \(name) to be \(Int(range.lowerBound)) to \(Int(range.upperBound))")
        }
        return value
    }

    /// `"#1F4E78"`; as YAML it stands in quotes, or it would be a comment.
    private func color(_ node: Node, _ name: String) throws(StyleFault) -> Int {
        guard let text = node.scalar?.string, text.utf8.count == 7, text.hasPrefix("#"),
            text.dropFirst().allSatisfy(\.isHexDigit), let color = Int(text.dropFirst(), radix: 16)
        else { throw fault(node, "expected \(name) to be \"#RRGGBB\", in quotes") }
        return color
    }

    /// Excel refuses a whole file for one bad code, so what can be seen of it is looked at: at most four sections, quotes
    /// and brackets that end.
    private func format(_ node: Node, _ name: String) throws(StyleFault) -> String {
        let code = try text(node, name, charactersMax: Self.formatCharactersMax)
        guard FormatCode.isWellFormed(code) else {
            throw fault(node, "expected \(name) to be a number format of Excel's such as \"#,##0.00\"")
        }
        return code
    }

    private func unknown(_ name: String, _ node: Node, _ known: String) -> StyleFault {
        fault(node, "expected \(known), found \(name)")
    }

    private func fault(_ node: Node, _ reason: String) -> StyleFault {
        StyleFault("\(file):\(node.mark?.line ?? 1): \(reason)")
    }
}

/// Excel's codes of how numbers are shown.
enum FormatCode {
    static func isWellFormed(_ code: String) -> Bool {
        var isQuoted = false
        var isBracketed = false
        var sections = 1
        var characters = code.makeIterator()
        while let character = characters.next() {
            switch character {
            case "\"": isQuoted.toggle()
            case _ where isQuoted: break
            case "\\", "_", "*":
                // The next character stands for itself.
                if characters.next() == nil { return false }
            case "[":
                if isBracketed { return false }
                isBracketed = true
            case "]":
                if !isBracketed { return false }
                isBracketed = false
            case ";": sections += 1
            default: break
            }
        }
        return !isQuoted && !isBracketed && sections <= 4
    }
}
