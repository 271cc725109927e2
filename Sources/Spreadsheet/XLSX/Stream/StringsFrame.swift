/// The XML of the shared strings around ours: the captions.
struct StringsFrame {
    /// Distinct captions: the index of the first text of ours.
    let captions: Int
    private let references: Int
    private let opening: [UInt8]
    private let items: [UInt8]

    /// Everything after them.
    static let end = Array("</sst>".utf8)
    private static let sample = Array("<si><t>\(WorkbookFrame.sampleText)</t></si>".utf8)
    private static let item = Array("<si>".utf8)
    private static let counts = Array(" count=\"".utf8)

    /// Cuts what libxlsxwriter wrote, and takes the text of so many samples out of it.
    init(_ xml: [UInt8], samples: Int, path: String) throws(SpreadsheetError) {
        var xml = xml[...]
        guard let counts = xml.firstRange(of: Self.counts), let tagEnd = xml[counts.upperBound...].firstIndex(of: 0x3E),
            let found = Self.numbers(in: xml[counts.upperBound..<tagEnd]), xml.suffix(Self.end.count) == Self.end[...]
        else { throw .damaged(path: path, reason: "its shared strings are not where they were expected") }
        opening = Array(xml[..<counts.lowerBound])
        xml = xml[(tagEnd + 1)...].dropLast(Self.end.count)
        if samples > 0 {
            guard xml.suffix(Self.sample.count) == Self.sample[...] else {
                throw .damaged(path: path, reason: "its shared strings do not end with the sample")
            }
            xml = xml.dropLast(Self.sample.count)
        }
        items = Array(xml)
        references = found.references - samples
        captions = found.distinct - (samples > 0 ? 1 : 0)
    }

    /// Everything before texts of ours, the counts being those of all texts.
    func opening(with strings: borrowing SharedStrings) -> [UInt8] {
        let counts = " count=\"\(references + strings.references)\" uniqueCount=\"\(captions + strings.count)\">"
        return opening + counts.utf8 + items
    }

    /// `2" uniqueCount="2"` → 2 and 2.
    private static func numbers(in text: ArraySlice<UInt8>) -> (references: Int, distinct: Int)? {
        let fields = String(decoding: text, as: UTF8.self).split(separator: "\"")
        guard fields.count == 3, fields[1] == " uniqueCount=", let references = Int(fields[0]),
            let distinct = Int(fields[2])
        else { return nil }
        return (references, distinct)
    }
}
