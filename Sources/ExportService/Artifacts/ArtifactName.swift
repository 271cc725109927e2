/// Where the file of an export is: `<yyyyMM>/<dd>/<key>.zip` in `down_url`.
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

    /// A name in the store, as ``makeStoredName()`` gives them; nil for a file of somebody else's. Those of old stores are
    /// the name itself.
    package init?(stored name: String) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        let words = parts[2].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let isOfRun = words.count == 2 && words[1].count == Self.runDigits + 4 && words[1].hasSuffix(".zip")
        guard words.count == 1 || isOfRun && words[1].dropLast(4).allSatisfy(\.isHexDigit) else { return nil }
        self.init(month: parts[0], day: parts[1], file: isOfRun ? "\(words[0]).zip" : parts[2])
    }

    package var file: String { "\(key).zip" }
    package var path: String { "\(month)/\(day)/\(file)" }

    /// The name in the store for one run of the export: no other run has it, here or elsewhere, so no file ever changes
    /// and a late removal cannot meet a new one.
    package func makeStoredName() -> String {
        let run = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(month)/\(day)/\(key)-\(String(repeating: "0", count: Self.runDigits - run.count))\(run).zip"
    }

    /// Names of files written up to then are below this one.
    package static func bound(milliseconds: Int64) -> String {
        // Two days more: submitted before midnight, in another time zone.
        let (month, day) = WallClock.folders(milliseconds: milliseconds + 2 * 86_400_000)
        return "\(month)/\(day)"
    }

    private static let runDigits = 16

    private static func isNumber(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
