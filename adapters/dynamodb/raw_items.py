"""Items of a query as DynamoDB writes them in JSON: over thousands of them botocore's parser takes most of a second."""

import json
from contextlib import suppress
from typing import Any


def keep_raw(client: Any) -> None:
    """Have this client of botocore's give the items of queries as they are. They must hold no binary values.

    That changes nothing in them: of numbers, texts and sets the parser makes what JSON has.
    """
    client.meta.events.register("before-parse.dynamodb.Query", _take_items, unique_id="raw items")


def _take_items(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    with suppress(ValueError):  # of what is no JSON the parser says so
        answer = json.loads(response_dict["body"])
        if response_dict["status_code"] == 200 and isinstance(answer, dict):
            customized_response_dict["Items"] = answer.pop("Items", [])
            response_dict["body"] = json.dumps(answer).encode()
