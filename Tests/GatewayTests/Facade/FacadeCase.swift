import Gateway
import JSONBytes
import NIOCore
import RPC
import Testing

/// One file of `protocol/vectors/gateway`: a request, the call it must become, the reply, and the answer byte for byte.
///
/// `protocol/vectors/README.md` describes the format.
struct FacadeCase: Sendable, CustomTestStringConvertible {
    enum Reply: Sendable {
        case result(JSONValue)
        case error(JSONValue)
        case stream(head: [(String, String)], body: String)
    }

    var name: String
    /// The façade's document.
    var facade: CaseDocument
    var method = "GET"
    var target = "/"
    var headers: [(String, String)] = []
    var body = ""
    /// Bytes of a body the gateway takes; nil: its default.
    var bodyBytesMax: Int?
    /// Who may call, and how often; nil: everybody.
    var guarding: CaseGuard?
    /// Nil: no call may be made.
    var call: (method: String, params: JSONValue?)?
    /// Members the call's metadata must have.
    var meta: JSONValue?
    /// What the double says before it answers.
    var events: [CaseEvent] = []
    var reply = Reply.result(.null)
    var status = 0
    var answerHeaders: [(String, String)] = []
    var answerBody = ""

    var testDescription: String { name }

    func header(_ name: String) -> String? {
        headers.first { $0.0 == name }?.1
    }
}

/// An event of the double.
struct CaseEvent: Sendable {
    let kind: RPCEvent.Kind
    let data: JSONValue
}

/// A document a case refers to by its file, or carries itself.
struct CaseDocument: Sendable {
    let file: String
    let yaml: String
}

/// A case file that is not in the format.
struct FacadeCaseError: Error {
    let file: String
    let reason: String
}
