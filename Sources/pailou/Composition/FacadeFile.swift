import Foundation
import Gateway
import ProtocolDocuments
import ServiceRuntime

/// Façade documents: the built-in ones and those of a directory.
enum FacadeFile {
    /// Everything the gateway serves; a document that does not compile keeps it from starting.
    static func all(_ settings: Settings) throws -> [CompiledFacade] {
        let builtIn = [
            try FacadeDocument.compile(yaml: ProtocolDocuments.exportFacade, file: "protocol/rest/export.yaml"),
            try FacadeDocument.compile(yaml: ProtocolDocuments.scrapeFacade, file: "protocol/rest/scrape.yaml"),
        ]
        let directory = settings[GatewaySettings.facades]
        if directory.isEmpty { return builtIn }
        var facades = builtIn
        for file in try files(in: directory, settings) {
            let facade = try compile(path: file)
            guard facade.name != ListenerNames.admin, !facades.contains(where: { $0.name == facade.name }) else {
                throw StartError("\(file): the name \(facade.name) is taken; expected one of its own for each façade")
            }
            facades.append(facade)
        }
        return facades
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
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map { directory + "/" + $0 }
    }
}
