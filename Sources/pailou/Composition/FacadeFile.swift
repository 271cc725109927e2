import Foundation
import Gateway
import ProtocolDocuments
import ServiceRuntime

/// Façade documents: the built-in ones and those of a directory.
enum FacadeFile {
    /// Everything the gateway serves; a document that does not compile keeps it from starting.
    static func all(_ settings: Settings) throws -> [CompiledFacade] {
        let builtIn = try FacadeDocument.compile(
            yaml: ProtocolDocuments.exportFacade, file: "protocol/rest/export.yaml")
        let directory = settings[GatewaySettings.facades]
        if directory.isEmpty { return [builtIn] }
        return try [builtIn] + files(in: directory, settings).map { try compile(path: $0) }
    }

    static func compile(path: String) throws -> CompiledFacade {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError("\(path): expected a readable façade document")
        }
        return try FacadeDocument.compile(yaml: Array(data), file: path)
    }

    private static func files(in directory: String, _ settings: Settings) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            let source = settings.text(of: GatewaySettings.facades).source
            throw SettingsError("\(source): gateway.facades is \"\(directory)\"; expected a readable directory")
        }
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { directory + "/" + $0 }
    }
}
