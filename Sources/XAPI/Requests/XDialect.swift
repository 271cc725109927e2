/// Which of its two vocabularies the API is spoken to in. Answers are read in both, whatever was sent.
package enum XDialect: String, Sendable, CaseIterable {
    /// `tweet.fields`, `includes.tweets`, `referenced_tweets`, `retweet_count`.
    case tweet
    /// `post.fields`, `includes.posts`, `referenced_posts`, `repost_count`.
    case post

    package var other: XDialect { self == .tweet ? .post : .tweet }

    /// The parameters that ask for everything a record holds.
    var postParameters: [(String, String)] {
        switch self {
        case .tweet:
            [
                (
                    "tweet.fields",
                    "attachments,author_id,conversation_id,created_at,entities,id,in_reply_to_user_id,lang,note_tweet,"
                        + "public_metrics,referenced_tweets,text"
                ),
                (
                    "expansions",
                    "attachments.media_keys,author_id,in_reply_to_user_id,referenced_tweets.id,"
                        + "referenced_tweets.id.author_id"
                ),
            ]
        case .post:
            [
                (
                    "post.fields",
                    "attachments,conversation_id,created_at,entities,id,lang,note_post,public_metrics,text"
                ),
                ("expansions", "attachments.media_keys,author_id,in_reply_to_user_id,referenced_posts"),
            ]
        }
    }

    static let mediaParameter = (
        "media.fields", "alt_text,duration_ms,height,media_key,preview_image_url,type,url,width"
    )
    static let userParameter = (
        "user.fields",
        "created_at,description,id,location,name,profile_image_url,protected,public_metrics,url,username,verified,"
            + "verified_type"
    )

    /// Names of parameters that only this dialect has: a 400 that speaks of one means that the other is wanted.
    var ownWords: [String] {
        switch self {
        case .tweet: ["tweet.fields", "referenced_tweets", "note_tweet"]
        case .post: ["post.fields", "referenced_posts", "note_post"]
        }
    }
}
