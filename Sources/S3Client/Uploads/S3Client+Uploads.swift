extension S3Client {
    /// A page of the uploads that were begun under a prefix and have not ended.
    package func listUploads(
        prefix: String, after marker: (key: String, id: String)? = nil
    ) async throws(S3Error) -> S3UploadListing {
        var query = [("uploads", ""), ("prefix", prefix)]
        if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.id)] }
        let operation = "list the uploads of \(configuration.bucket)/\(prefix)"
        let response = try await send(S3Call(request("GET", "", query: query), operation: operation))
        guard let listing = S3UploadListing(try element(of: response, operation)) else {
            throw nonsense(operation, "expected a list of uploads")
        }
        return listing
    }

    /// Ends an upload and gives its parts back; fine if it has ended already.
    package func abort(_ key: String, upload id: String) async throws(S3Error) {
        do {
            _ = try await send(
                S3Call(request("DELETE", key, query: [("uploadId", id)]), operation: "abandon \(key)"))
        } catch  where error.kind == .missing || error.code == "NoSuchUpload" {
            return
        }
    }
}
