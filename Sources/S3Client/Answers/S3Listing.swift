/// One page of the objects under a prefix, in the order of their keys.
package struct S3Listing: Sendable {
    package struct Object: Sendable, Equatable {
        package var key: String
        package var size: Int
        /// Seconds since 1970.
        package var modified: Int
    }

    package var objects: [Object]
    /// Asks for the next page; nil after the last.
    package var next: String?

    init?(_ element: XMLElement) {
        guard element.name == "ListBucketResult" else { return nil }
        objects = element.all("Contents").compactMap { item in
            guard let key = item["Key"]?.text, let size = item["Size"].flatMap({ Int($0.text) }),
                let modified = item["LastModified"].flatMap({ S3Timestamp.seconds(parsing: $0.text) })
            else { return nil }
            return Object(key: key, size: size, modified: modified)
        }
        next = element["IsTruncated"]?.text == "true" ? element["NextContinuationToken"]?.text : nil
    }
}

/// One page of the uploads under a prefix that were begun and neither completed nor aborted.
package struct S3UploadListing: Sendable {
    package struct Upload: Sendable, Equatable {
        package var key: String
        package var id: String
        /// Seconds since 1970.
        package var begun: Int
    }

    package var uploads: [Upload]
    /// Asks for the next page; nil after the last.
    package var next: (key: String, id: String)?

    init?(_ element: XMLElement) {
        guard element.name == "ListMultipartUploadsResult" else { return nil }
        uploads = element.all("Upload").compactMap { item in
            guard let key = item["Key"]?.text, let id = item["UploadId"]?.text,
                let begun = item["Initiated"].flatMap({ S3Timestamp.seconds(parsing: $0.text) })
            else { return nil }
            return Upload(key: key, id: id, begun: begun)
        }
        guard element["IsTruncated"]?.text == "true", let key = element["NextKeyMarker"]?.text else { return }
        next = (key, element["NextUploadIdMarker"]?.text ?? "")
    }
}
