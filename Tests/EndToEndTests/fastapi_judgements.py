"""Prints what FastAPI says of wrong requests to a service modelled as document 000 describes it: a JSON list of
{"method", "target", "text", "status", "detail"}."""

import enum
import json
import typing

import fastapi
import fastapi.testclient
import pydantic


class TaskType(str, enum.Enum):
    USER_TWEETS = "USER_TWEETS"
    USER_INFO = "USER_INFO"
    KEYWORD_SEARCH = "KEYWORD_SEARCH"
    HASHTAG_SEARCH = "HASHTAG_SEARCH"
    USER_FOLLOWERS = "USER_FOLLOWERS"
    USER_FOLLOWING = "USER_FOLLOWING"


class UserTweets(pydantic.BaseModel):
    username: str = pydantic.Field(pattern="^@?[A-Za-z0-9_]{1,15}$")
    limit: int = pydantic.Field(10, ge=1, le=100_000)
    include_replies: bool = False
    include_retweets: bool = False


class Task(pydantic.BaseModel):
    task_name: str = pydantic.Field(min_length=1, max_length=200)
    describe: str | None = None
    task_type: TaskType
    parameters: UserTweets
    account_id: str | None = None
    proxy_id: str | None = None
    user_id: str = pydantic.Field(min_length=1, max_length=200)


class Format(str, enum.Enum):
    json = "json"
    csv = "csv"
    jsonl = "jsonl"
    xlsx = "xlsx"
    ids = "ids"


Page = typing.Annotated[int, fastapi.Query(ge=1)]
Size = typing.Annotated[int, fastapi.Query(ge=1, le=100)]
Skip = typing.Annotated[int, fastapi.Query(ge=0)]
Limit = typing.Annotated[int, fastapi.Query(ge=1, le=1000)]

app = fastapi.FastAPI()


@app.post("/api/v1/tasks", status_code=201)
def create(task: Task): ...


@app.get("/api/v1/tasks")
def list_tasks(page: Page = 1, size: Size = 20): ...


@app.post("/api/v1/tasks/batch")
def create_batch(tasks: typing.Annotated[list[Task], pydantic.Field(max_length=100)]): ...


@app.get("/api/v1/tasks/search/results")
def search(query: str, skip: Skip = 0, limit: Limit = 100): ...


@app.post("/api/v1/tasks/export/{task_id}")
def export(task_id: str, format: Format = Format.json): ...


RIGHT = {"task_name": "t", "task_type": "USER_TWEETS", "parameters": {"username": "elonmusk"}, "user_id": "u"}


def without(name: str) -> dict:
    return {key: value for key, value in RIGHT.items() if key != name}


BODIES = [
    {},
    [],
    "text",
    without("task_name"),
    without("parameters"),
    RIGHT | {"task_name": ""},
    RIGHT | {"task_name": 1, "user_id": None},
    RIGHT | {"describe": ["x"]},
    RIGHT | {"task_name": "x" * 201},
    RIGHT | {"task_type": "TWEETS"},
    RIGHT | {"parameters": "x"},
    RIGHT | {"parameters": {}},
    RIGHT | {"parameters": {"username": "not a name", "limit": 0}},
    RIGHT | {"parameters": {"username": "a", "limit": "many"}},
    RIGHT | {"parameters": {"username": "a", "limit": 1.5, "include_replies": 2}},
    RIGHT | {"parameters": {"username": "a", "limit": [], "include_replies": {}}},
    RIGHT | {"parameters": {"username": "a", "limit": 100_001, "include_retweets": "perhaps"}},
]
REQUESTS = [("POST", "/api/v1/tasks", json.dumps(body)) for body in BODIES]
REQUESTS += [("POST", "/api/v1/tasks", text) for text in ['{"task_name": }', '{"task_name": "t"', "", "Hello"]]
REQUESTS += [
    ("POST", "/api/v1/tasks/batch", json.dumps(body))
    for body in [RIGHT, [RIGHT, without("user_id"), 7], [RIGHT] * 101]
]
REQUESTS += [
    ("GET", "/api/v1/tasks?page=0&size=101", None),
    ("GET", "/api/v1/tasks?page=x", None),
    ("GET", "/api/v1/tasks/search/results", None),
    ("GET", "/api/v1/tasks/search/results?query=a:b&skip=-1&limit=1001", None),
    ("POST", "/api/v1/tasks/export/task-1?format=pdf", None),
]


def main() -> None:
    client = fastapi.testclient.TestClient(app)
    judgements = []
    for method, target, text in REQUESTS:
        headers = {} if text is None else {"content-type": "application/json"}
        answer = client.request(method, target, content=text, headers=headers)
        detail = [{"loc": item["loc"], "msg": item["msg"], "type": item["type"]} for item in answer.json()["detail"]]
        judgements.append(
            {"method": method, "target": target, "text": text, "status": answer.status_code, "detail": detail}
        )
    print(json.dumps(judgements))


main()
