import JSONBytes
import Testing

@testable import XAPI

@Suite struct RepostTests {
    /// The API cuts a repost's text and with it what the text names.
    @Test func whatARepostNamesIsThatOfItsSource() throws {
        let answer: JSONValue = [
            "data": [
                [
                    "id": "2", "text": "RT @b: see…", "author_id": "1",
                    "entities": ["hashtags": [], "mentions": [["username": "b"]]],
                    "referenced_tweets": [["type": "retweeted", "id": "3"]],
                ]
            ],
            "includes": [
                "users": [["id": "1", "username": "a"], ["id": "9", "username": "b"]],
                "tweets": [
                    [
                        "id": "3", "text": "see @c #tag https://t.co/x", "author_id": "9",
                        "entities": [
                            "hashtags": [["tag": "tag"]], "mentions": [["username": "c"], ["username": "b"]],
                            "urls": [["expanded_url": "https://example.org/"]],
                        ],
                    ]
                ],
            ],
        ]
        let page = try XPage(answer)
        let data = try #require(XRecord(page.items[0], of: page, isPost: true)).data
        #expect(data["text"] == "RT @b: see @c #tag https://t.co/x")
        #expect(data["hashtags"] == ["tag"] && data["mentions"] == ["b", "c"])
        #expect(data["urls"] == ["https://example.org/"])
    }
}
