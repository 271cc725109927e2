import HTTPFetch
import Synchronization
import TestSupport

/// As much of S3 as uploads and downloads need, in memory, on a real port; what goes wrong is the test's to say.
final class FaultyStore: Sendable {
    /// Answers instead of the store; nil lets it answer itself.
    typealias Fault = @Sendable (HTTPTestRequest, _ earlier: Int) async -> HTTPTestAnswer?

    private struct State {
        var objects: [String: Object] = [:]
        var uploads: [String: [Int: [UInt8]]] = [:]
        var marks: [String: String] = [:]
        /// Requests by method and target, to tell tries apart.
        var asked: [String: Int] = [:]
    }

    struct Object: Sendable {
        var octets: [UInt8]
        var etag: String
        var mark: String?
    }

    private let state: Shared<State>
    let server: HTTPTestServer

    init(fault: @escaping Fault = { _, _ in nil }) async throws {
        let state = Shared(State())
        self.state = state
        server = try await HTTPTestServer { request in
            let name = "\(request.method) \(request.target)"
            let earlier = state.change { state in
                defer { state.asked[name, default: 0] += 1 }
                return state.asked[name] ?? 0
            }
            if let answer = await fault(request, earlier) { return answer }
            return state.change { Self.answer(request, &$0) }
        }
    }

    var objects: [String: Object] { state.value.objects }
    /// Uploads that were begun and have not ended.
    var uploadCount: Int { state.value.uploads.count }

    /// What a store without faults does.
    private static func answer(_ request: HTTPTestRequest, _ state: inout State) -> HTTPTestAnswer {
        let (query, path) = (request.query, request.path)
        switch request.method {
        case "POST" where query["uploads"] != nil:
            let id = "upload-\(state.marks.count)"
            state.uploads[id] = [:]
            state.marks[id] = request.header("x-amz-meta-pailou-upload")
            return xml("<InitiateMultipartUploadResult><UploadId>\(id)</UploadId></InitiateMultipartUploadResult>")
        case "POST":
            return complete(request, query["uploadId"] ?? "", &state)
        case "PUT":
            if let id = query["uploadId"], let number = query["partNumber"].flatMap({ Int($0) }) {
                guard state.uploads[id] != nil else { return refusal(404, "NoSuchUpload") }
                state.uploads[id]?[number] = request.body
                return .status(200, headers: [("ETag", "\"part-\(number)\"")])
            }
            state.objects[path] = Object(octets: request.body, etag: "\"whole-\(request.body.count)\"", mark: nil)
            return .status(200, headers: [("ETag", "\"whole\"")])
        case "DELETE":
            if let id = query["uploadId"] {
                return state.uploads.removeValue(forKey: id) == nil ? refusal(404, "NoSuchUpload") : .status(204)
            }
            state.objects[path] = nil
            return .status(204)
        case "HEAD", "GET":
            return read(request, state)
        default: return .status(405)
        }
    }

    private static func complete(_ request: HTTPTestRequest, _ id: String, _ state: inout State) -> HTTPTestAnswer {
        guard let parts = state.uploads[id] else { return refusal(404, "NoSuchUpload") }
        let numbers = parts.keys.sorted()
        guard request.text.split(separator: "<Part>").count == numbers.count + 1,
            numbers.allSatisfy({ request.text.contains("<PartNumber>\($0)</PartNumber><ETag>\"part-\($0)\"</ETag>") })
        else { return refusal(400, "InvalidPart") }
        state.uploads[id] = nil
        let octets = numbers.flatMap { parts[$0] ?? [] }
        state.objects[request.path] = Object(
            octets: octets, etag: "\"parts-\(numbers.count)\"", mark: state.marks[id])
        return xml("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
    }

    private static func read(_ request: HTTPTestRequest, _ state: State) -> HTTPTestAnswer {
        guard let object = state.objects[request.path] else { return refusal(404, "NoSuchKey") }
        var headers: [(name: String, value: String)] = [("ETag", object.etag)]
        if let mark = object.mark { headers.append(("x-amz-meta-pailou-upload", mark)) }
        guard request.header("if-match") ?? object.etag == object.etag else {
            return refusal(412, "PreconditionFailed")
        }
        guard let range = request.header("range")?.dropFirst(6).split(separator: "-").compactMap({ Int($0) }) else {
            return HTTPTestAnswer(headers: headers, body: .bytes(object.octets))
        }
        headers.append(("Content-Range", "bytes \(range[0])-\(range[1])/\(object.octets.count)"))
        return HTTPTestAnswer(status: 206, headers: headers, body: .bytes(Array(object.octets[range[0]...range[1]])))
    }

    static func xml(_ text: String, status: Int = 200) -> HTTPTestAnswer {
        HTTPTestAnswer(status: status, headers: [("Content-Type", "application/xml")], body: .bytes(Array(text.utf8)))
    }

    static func refusal(_ status: Int, _ code: String, _ message: String = "no") -> HTTPTestAnswer {
        xml("<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>\(message)</Message></Error>", status: status)
    }
}
