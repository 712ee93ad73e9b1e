"""Serves the functions of one module of this folder: a JSON request a line in, a JSON reply a line out.

Request: {"function": "round", "arguments": {"contender": "eager"}}. Reply: {"result": ...} or {"error": "..."}.
"""

import importlib
import json
import os
import sys


def main() -> None:
    # Whatever a library prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module = importlib.import_module(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"result": getattr(module, request["function"])(**request["arguments"])}
        except Exception as error:  # every failure is told to the caller, who decides
            first_line = (str(error).strip().splitlines() or ["no message"])[0]
            reply = {"error": f"{type(error).__name__}: {first_line}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


main()
