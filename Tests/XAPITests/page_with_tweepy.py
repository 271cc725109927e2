"""Pages through a server of the X API with tweepy: posts, followers, a search, and a user that does not exist."""

import sys

import requests
import tweepy


class PointedSession(requests.Session):
    """Sends what is meant for X to another server."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method, url, *args, **kwargs):
        path = "/" + url.split("://", 1)[1].split("/", 1)[1]
        return super().request(method, self.base + path, *args, **kwargs)


def main(base: str) -> None:
    client = tweepy.Client(bearer_token="secret-token")
    client.session = PointedSession(base)
    user = client.get_user(username="elonmusk", user_fields=["public_metrics"]).data

    fields = {"tweet_fields": ["created_at", "public_metrics"], "expansions": ["author_id", "referenced_tweets.id"]}
    posts = list(tweepy.Paginator(client.get_users_tweets, user.id, max_results=100, **fields).flatten())
    assert len({post.id for post in posts}) == len(posts)
    print("posts", len(posts))
    print("followers", len(list(tweepy.Paginator(client.get_users_followers, user.id, max_results=1000).flatten())))
    print("found", len(list(tweepy.Paginator(client.search_recent_tweets, "tesla", max_results=100).flatten())))
    print("unknown", client.get_user(username="nobody").errors[0]["title"])


main(sys.argv[1])
