"""Asks a server of the X API for pages in both dialects and judges them by X's own descriptions of its API."""

import json
import pathlib
import sys
import urllib.request

from jsonschema import Draft7Validator, RefResolver

ASKED = {
    "/2/users/by/username/{username}": ["/2/users/by/username/elonmusk", "/2/users/by/username/nobody"],
    "/2/users/{id}/tweets": ["/2/users/44196397/tweets?max_results=100"],
    "/2/tweets/search/recent": ["/2/tweets/search/recent?query=tesla&max_results=50"],
    "/2/users/{id}/followers": ["/2/users/44196397/followers?max_results=1000"],
}


def get(url: str) -> object:
    request = urllib.request.Request(url, headers={"Authorization": "Bearer secret-token"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def main(descriptions: str, base: str) -> int:
    count, failures = 0, 0
    for dialect in ["tweet", "post"]:
        description = json.loads((pathlib.Path(descriptions) / f"openapi-{dialect}-dialect.json").read_text())
        for path, targets in ASKED.items():
            schema = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            validator = Draft7Validator(schema, resolver=RefResolver("", description))
            for target in targets:
                answer = get(f"{base}{target}{'&' if '?' in target else '?'}{dialect}.fields=id")
                count += 1
                for error in list(validator.iter_errors(answer))[:5]:
                    failures += 1
                    print(dialect, target, list(error.absolute_path), error.message[:300])
    print(count, "answers")
    return 1 if failures else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
