"""Verifies the callbacks on standard input with the library of Standard Webhooks.

One JSON object a line: secret, headers, body. Answers `ok` or the name of the error, a line each.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook

for line in sys.stdin:
    call = json.loads(line)
    try:
        Webhook(call["secret"]).verify(call["body"], call["headers"])
        print("ok")
    except Exception as error:  # whatever the library raises is the answer
        print(type(error).__name__)
