"""Signs the requests on standard input with botocore and prints what it made of them.

One JSON object a line: method, origin, path, query, headers, payload, region, access, secret, token, time, expires.
With `expires` the answer is a presigned URL, else the Authorization header.
"""

import datetime
import json
import sys
from urllib.parse import quote

import botocore.auth
import botocore.compat
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def freeze(seconds: int) -> None:
    """Make botocore sign at a time of ours."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)

    def now(remove_tzinfo: bool = True) -> datetime.datetime:
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    botocore.auth.get_current_datetime = now


def sign(case: dict) -> str:
    """Sign one request as botocore's S3 client would."""
    freeze(case["time"])
    url = case["origin"] + quote(case["path"].encode(), safe="/~-._")
    query = "&".join(
        f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in case["query"]
    )
    request = AWSRequest(method=case["method"], url=url + (f"?{query}" if query else ""))
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    credentials = Credentials(case["access"], case["secret"], case.get("token"))
    if "expires" in case:
        S3SigV4QueryAuth(credentials, "s3", case["region"], expires=case["expires"]).add_auth(request)
        return request.url
    request.headers["X-Amz-Content-SHA256"] = case["payload"]
    auth = S3SigV4Auth(credentials, "s3", case["region"])
    auth.payload = lambda _request: case["payload"]
    auth.add_auth(request)
    return request.headers["Authorization"]


for line in sys.stdin:
    print(sign(json.loads(line)))
