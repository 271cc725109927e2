import Gateway
import JSONBytes
import NIOCore
import ProtocolDocuments
import RPC

extension FuzzTarget {
    /// Requests against façades: `METHOD TARGET`, and behind octets 0 each what else there is of the body, the service's
    /// result, and the service's error object.
    static let translation = FuzzTarget(name: "translation") { octets throws(BrokenProperty) in
        let parts = octets.cut(at: 0, parts: 4)
        let words = parts[0].cut(at: UInt8(ascii: " "), parts: 2)
        guard words.count == 2, words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            return
        }
        let target = words[1].cut(at: UInt8(ascii: "?"), parts: 2)
        var example = FacadeExample(query: target.count > 1 ? Substring(target[1].text) : "")
        if parts.count > 1, jsonValue(parts[1]) != nil { example.body = parts[1].buffer }
        if parts.count > 2, jsonValue(parts[2]) != nil { example.result = parts[2].buffer }
        if parts.count > 3, jsonValue(parts[3]) != nil { example.error = RPCError(json: parts[3].buffer) }
        for facade in facades {
            let path = Substring(target[0].text)
            let match = facade.router.match(method: words[0].text, path: path)
            guard case .operation(let operation, example.pathValues) = match else { continue }
            try require(segments(of: path, contain: example.pathValues), "the path's values are not its segments")
            try checkAnswers(of: operation, example)
        }
    }
}

/// The shipped document, and one that uses every word a document may have.
private let facades = [ProtocolDocuments.exportFacade, FacadeExample.document].map { yaml in
    do throws(FacadeError) {
        return try FacadeDocument.compile(yaml: yaml, file: "facade.yaml")
    } catch {
        fatalError("\(error)")
    }
}

private func segments(of path: Substring, contain values: [Substring]) -> Bool {
    let segments = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    return values.allSatisfy { segments.contains(Array($0.utf8)) }
}
