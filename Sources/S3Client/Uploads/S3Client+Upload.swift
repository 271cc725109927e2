import Crypto
package import HTTPFetch
import NIOPosix

extension S3Client {
    /// Writes a file as an object: whole, or in parts that become visible all at once. Of a failure nothing is seen, and
    /// the parts that were sent are given back.
    ///
    /// Nothing of the file is held in memory but what is being sent. It must not change meanwhile.
    package func put(_ file: UploadFile, as key: String, type: String) async throws(S3Error) {
        guard file.size > configuration.partBytes else { return try await putWhole(file, as: key, type: type) }
        let mark = String(UInt64.random(in: .min ... .max), radix: 16)
        let id = try await begin(key, type: type, mark: mark)
        do throws(S3Error) {
            let tags = try await putParts(of: file, as: key, upload: id)
            try await complete(key, upload: id, tags: tags, size: file.size, mark: mark)
        } catch {
            await abandon(key, upload: id)
            throw error
        }
    }

    private func putWhole(_ file: UploadFile, as key: String, type: String) async throws(S3Error) {
        let upload = HTTPUpload(file, 0..<file.size)
        let call = S3Call(
            request("PUT", key, headers: [("content-type", type)]), operation: "write \(key)", upload: upload,
            payloadHash: try await hash(upload, "write \(key)"))
        _ = try await send(call)
    }

    private func begin(_ key: String, type: String, mark: String) async throws(S3Error) -> String {
        let operation = "begin to write \(key)"
        let headers = [("content-type", type), (Self.markHeader, mark)]
        let response = try await send(
            S3Call(request("POST", key, query: [("uploads", "")], headers: headers), operation: operation, body: []))
        let id = try element(of: response, operation)["UploadId"]?.text ?? ""
        guard (1...1_024).contains(id.utf8.count) else { throw nonsense(operation, "expected the id of an upload") }
        return id
    }

    /// - Returns: The parts' tags, the first part's first.
    private func putParts(
        of file: UploadFile, as key: String, upload id: String
    ) async throws(S3Error) -> [String] {
        let size = configuration.partBytes(of: file.size)
        let starts = Array(stride(from: 0, to: file.size, by: size))
        do {
            return try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var tags = [String](repeating: "", count: starts.count)
                for (index, start) in starts.enumerated() {
                    // A place among those under way, first.
                    if index >= configuration.partsAtOnce, let (done, tag) = try await group.next() { tags[done] = tag }
                    let part = HTTPUpload(file, start..<min(start + size, file.size))
                    group.addTask { (index, try await self.putPart(part, number: index + 1, as: key, upload: id)) }
                }
                for try await (done, tag) in group { tags[done] = tag }
                return tags
            }
        } catch let error as S3Error {
            throw error
        } catch {
            throw S3Error(kind: .cancelled, operation: "write \(key)", reason: "it was cancelled")
        }
    }

    private func putPart(
        _ part: HTTPUpload, number: Int, as key: String, upload id: String
    ) async throws(S3Error) -> String {
        let operation = "write part \(number) of \(key)"
        let call = S3Call(
            request("PUT", key, query: [("partNumber", "\(number)"), ("uploadId", id)]), operation: operation,
            upload: part, payloadHash: try await hash(part, operation))
        guard let tag = try await send(call).header("etag"), (1...256).contains(tag.utf8.count) else {
            throw nonsense(operation, "expected the part's tag")
        }
        return tag
    }

    /// Makes the object visible. An answer that got lost leaves its outcome open: then the object itself is asked.
    private func complete(
        _ key: String, upload id: String, tags: [String], size: Int, mark: String
    ) async throws(S3Error) {
        var call = S3Call(
            request("POST", key, query: [("uploadId", id)], headers: [("content-type", "application/xml")]),
            operation: "complete \(key)", body: Self.completion(tags))
        call.mayHoldError = true
        do throws(S3Error) {
            let response = try await send(call)
            guard try element(of: response, call.operation).name == "CompleteMultipartUploadResult" else {
                throw nonsense(call.operation, "expected a completed upload")
            }
        } catch {
            guard error.kind != .cancelled, let head = try? await head(key), head.size == size, head.mark == mark else {
                throw error
            }
        }
    }

    private static func completion(_ tags: [String]) -> [UInt8] {
        let parts = tags.enumerated().map { index, tag in
            let text = tag.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            return "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(text)</ETag></Part>"
        }
        return Array(
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(parts.joined())</CompleteMultipartUpload>"
                .utf8)
    }

    /// Gives the parts back, also when the calling task is cancelled: hence a task of its own, which is waited for. What
    /// cannot be given back now is found by a sweep.
    private func abandon(_ key: String, upload id: String) async {
        await Task { try? await abort(key, upload: id) }.value
    }

    /// Runs over the part once before it is sent: its signature says what it holds, so that the store finds damage.
    private func hash(_ upload: HTTPUpload, _ operation: String) async throws(S3Error) -> String {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try Self.hash(upload) }
        } catch let error as HTTPFetchError {
            throw S3Error(error, operation: operation)
        } catch {
            throw S3Error(kind: .cancelled, operation: operation, reason: "it was cancelled")
        }
    }

    private static func hash(_ upload: HTTPUpload) throws -> String {
        var hash = SHA256()
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { block in
            for start in stride(from: upload.range.lowerBound, to: upload.range.upperBound, by: block.count) {
                let end = min(start + block.count, upload.range.upperBound)
                let piece = UnsafeMutableRawBufferPointer(rebasing: block.prefix(end - start))
                try upload.file.read(into: piece, from: start)
                hash.update(bufferPointer: UnsafeRawBufferPointer(piece))
            }
        }
        return hash.finalize().hexadecimalText
    }
}
