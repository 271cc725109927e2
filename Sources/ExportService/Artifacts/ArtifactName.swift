/// Where the file of an export is: `<yyyyMM>/<dd>/<key>.zip`, both under the artefacts' directory and in `down_url`.
///
/// Made of digits of a fixed number and a key of a fixed form only, so no name can lead anywhere else.
package struct ArtifactName: Sendable, Hashable {
    package let month: String
    package let day: String
    package let key: HashKey

    /// The name of an artefact of an export that was submitted at that time.
    package init(key: HashKey, submittedAt milliseconds: Int64) {
        (month, day) = WallClock.folders(milliseconds: milliseconds)
        self.key = key
    }

    /// A name from outside; nil unless it is exactly of the form.
    package init?(month: String, day: String, file: String) {
        guard Self.isNumber(month, digits: 6), Self.isNumber(day, digits: 2),
            file.hasSuffix(".zip"), let key = HashKey(String(file.dropLast(4)))
        else { return nil }
        self.month = month
        self.day = day
        self.key = key
    }

    package var file: String { "\(key).zip" }
    package var path: String { "\(month)/\(day)/\(file)" }

    private static func isNumber(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
