import Foundation
import TestSupport

/// Posts that every measurement of the scraper fetches, but for their ids: texts of made-up words of which few are
/// frequent, as in a language, and some in Chinese. The same in every run.
struct PostTexts {
    /// Different ones; a crawl of more repeats them.
    static let count = 100_000
    /// In one of twenty posts.
    static let common = "tesla"
    /// In two of all.
    static let rare = "quizzaciously"
    /// In one of a hundred, of the Chinese ones.
    static let chinese = "未来"
    static let absent = "zzyzx"

    /// What follows a post's id in JSON.
    let tails: [String]

    init() {
        var random = SeededGenerator(seed: 6)
        let words = (0..<30_000).map { _ in Self.word(&random) }
        tails = (0..<Self.count).map { Self.tail($0, words, &random) }
    }

    private static func word(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            syllables[Int.random(in: 0..<syllables.count, using: &random)]
        }.joined()
    }

    private static func tail(_ number: Int, _ words: [String], _ random: inout SeededGenerator) -> String {
        let isChinese = number % 10 == 7
        var parts: [String] = []
        for _ in 0..<Int.random(in: 8...26, using: &random) {
            // The nth word about as often as 1/n.
            let share = Double.random(in: 0..<1, using: &random)
            let index = Int(pow(Double(words.count), share)) - 1
            parts.append(isChinese ? characters(index) : words[index])
        }
        if number % 20 == 0 { parts[0] = "Tesla" }
        if number % 50_000 == 1 { parts[1] = rare }
        if isChinese && number % 100 == 7 { parts[2] = chinese }
        let text = parts.joined(separator: isChinese ? "" : " ")
        let likes = Int.random(in: 0..<5_000, using: &random)
        return #"""
            ","text":"\#(text) https://t.co/\#(String(random.next(), radix: 36))",\#
            "created_at":"2026-0\#(1 + number % 9)-1\#(number % 10)T1\#(number % 10):15:00.000Z",\#
            "lang":"\#(isChinese ? "zh" : "en")","author_id":"1",\#
            "public_metrics":{"retweet_count":\#(likes / 7),"reply_count":\#(likes % 9),"like_count":\#(likes)},\#
            "entities":{"hashtags":[{"start":0,"end":5,"tag":"\#(parts[0])"}]}}
            """#
    }

    private static func characters(_ index: Int) -> String {
        String(String.UnicodeScalarView([0x4E00 + index % 3_000, 0x4E00 + index / 7].compactMap(Unicode.Scalar.init)))
    }

    private static let syllables = [
        "ka", "ro", "mi", "ten", "lo", "sa", "ber", "ni", "vor", "el", "da", "gu", "ist", "pa", "re", "on", "qui",
        "the",
        "and", "ing",
    ]
}
