import HTTPFetch

/// What a store says of an object.
package struct S3Head: Sendable, Equatable {
    package var size: Int
    /// As sent, with its quotes.
    package var etag: String
    /// Seconds since 1970; 0 when the store does not say.
    package var modified: Int
    /// The `x-amz-meta-pailou-upload` it was written with.
    package var mark: String?
}

extension S3Client {
    /// The header by which an upload knows its own object again.
    static let markHeader = "x-amz-meta-pailou-upload"

    /// Size and tag of an object.
    package func head(_ key: String) async throws(S3Error) -> S3Head {
        let operation = "look at \(key)"
        let response = try await send(S3Call(request("HEAD", key), operation: operation))
        guard let size = response.header("content-length").flatMap({ Int($0) }), size >= 0,
            let etag = response.header("etag"), !etag.isEmpty
        else { throw nonsense(operation, "expected a size and a tag") }
        return S3Head(
            size: size, etag: etag,
            modified: response.header("last-modified").flatMap { HTTPDate.seconds(parsing: $0) } ?? 0,
            mark: response.header(Self.markHeader))
    }

    /// A part of an object, exactly as long as asked.
    ///
    /// - Parameter etag: Of the object that is meant; should it have been replaced, this fails with `changed`.
    package func get(_ key: String, _ range: Range<Int>, of etag: String) async throws(S3Error) -> [UInt8] {
        let operation = "read \(key)"
        let asked = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        var call = S3Call(
            request("GET", key, headers: [("range", asked), ("if-match", etag)]), operation: operation)
        call.answerBytesMax = max(range.count, 64 << 10)
        let response = try await send(call)
        guard response.header("etag") == etag else {
            throw S3Error(kind: .changed, operation: operation, reason: "the object was replaced meanwhile")
        }
        let found = response.header("content-range") ?? ""
        guard response.status == 206, found.hasPrefix("bytes \(range.lowerBound)-\(range.upperBound - 1)/"),
            response.body.count == range.count
        else { throw nonsense(operation, "expected the octets \(range.lowerBound)-\(range.upperBound - 1)") }
        return response.body
    }

    /// Removes an object; fine if there is none.
    package func delete(_ key: String) async throws(S3Error) {
        do {
            _ = try await send(S3Call(request("DELETE", key), operation: "remove \(key)"))
        } catch  where error.kind == .missing {
            return
        }
    }

    /// A page of the objects whose keys begin with `prefix`.
    package func list(prefix: String, after token: String? = nil, limit: Int = 1_000) async throws(S3Error) -> S3Listing
    {
        var query = [("list-type", "2"), ("prefix", prefix), ("max-keys", "\(limit)")]
        if let token { query.append(("continuation-token", token)) }
        let operation = "list \(configuration.bucket)/\(prefix)"
        let response = try await send(S3Call(request("GET", "", query: query), operation: operation))
        guard let listing = S3Listing(try element(of: response, operation)) else {
            throw nonsense(operation, "expected a list of objects")
        }
        return listing
    }

    func element(of response: HTTPFetchResponse, _ operation: String) throws(S3Error) -> XMLElement {
        do throws(XMLFault) {
            return try XMLReader.read(response.body)
        } catch {
            throw nonsense(operation, "the answer cannot be read: \(error)")
        }
    }

    func nonsense(_ operation: String, _ reason: String) -> S3Error {
        S3Error(kind: .unavailable, operation: operation, reason: "\(reason); found another answer")
    }
}
