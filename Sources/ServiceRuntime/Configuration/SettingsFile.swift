import Configuration
import FoundationEssentials
import SystemPackage
import Yams

/// A YAML configuration file: values through swift-configuration, and the line of each key for messages.
struct SettingsFile: Sendable {
    private let path: String
    /// Nil for a file without any key, such as one that is all comments.
    private let values: FileProvider<YAMLSnapshot>?
    private let lines: [String: Int]

    init(path: String) async throws(SettingsError) {
        self.path = path
        do {
            let node = try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8))
            let root = node?.null == nil ? node : nil
            lines = Self.lines(of: root)
            values = root == nil ? nil : try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        } catch let error as YamlError {
            throw SettingsError("\(path): expected a YAML file of settings; \(error)")
        } catch {
            throw SettingsError("\(path): expected a readable YAML file of settings; \(error)")
        }
    }

    /// A list counts as its items with commas between.
    func text(of key: String) -> String? {
        let path = AbsoluteConfigKey(key.split(separator: ".").map(String.init), context: [:])
        if case .string(let text)? = try? values?.value(forKey: path, type: .string).value?.content { return text }
        if case .stringArray(let items)? = try? values?.value(forKey: path, type: .stringArray).value?.content {
            return items.joined(separator: ",")
        }
        return nil
    }

    func place(of key: String) -> String { "\(path):\(lines[key] ?? 1)" }

    /// Every key of the file, in the order of its lines.
    var keys: [String] { lines.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key) }

    /// A misspelt key would otherwise be a setting that silently does nothing.
    func refuseUnknownKeys(_ isKnown: (String) -> Bool) throws(SettingsError) {
        for key in keys where !isKnown(key) {
            throw SettingsError("\(place(of: key)): there is no setting \(key); `pailou config` lists them all")
        }
    }

    private static func lines(of root: Node?) -> [String: Int] {
        var lines: [String: Int] = [:]
        var open: [(prefix: String, node: Node)] = root.map { [("", $0)] } ?? []
        while let (prefix, node) = open.popLast() {
            guard case .mapping(let members) = node else {
                lines[prefix] = node.mark?.line ?? 1
                continue
            }
            for (name, value) in members {
                open.append((prefix.isEmpty ? (name.string ?? "") : "\(prefix).\(name.string ?? "")", value))
            }
        }
        return lines
    }
}
