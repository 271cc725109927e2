import JobQueue
import Testing

/// The expected signatures were computed with Python's `hmac` and `hashlib`.
@Suite("signatures of callbacks")
struct WebhookSecretTests {
    @Test(
        "are those any implementation of Standard Webhooks makes",
        arguments: [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", Int64(1_614_265_330),
                "{\"test\": 2432232314}", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
            ),
            (
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "msg_1", 1_700_000_000, "{\"标题\":\"牌楼\"}",
                "v1,1U+5/BuC84xpfNzhdhS7NBen+Ub2b+LOzUl4Hzjs3m8="
            ),
            ("AQID", "msg_2", 1, "", "v1,m1ugfl7I015wkN0AyyIjyLpMekTuF8hqCOeB7g9tqUY="),
        ])
    func vectors(secret: String, id: String, timestamp: Int64, body: String, expected: String) throws {
        let secret = try #require(WebhookSecret(text: secret))
        #expect(secret.signature(messageID: id, timestamp: timestamp, body: Array(body.utf8)) == expected)
    }

    @Test("need a key in base64", arguments: ["", "whsec_", "not base64!"])
    func refusedKeys(text: String) {
        #expect(WebhookSecret(text: text) == nil)
    }
}
