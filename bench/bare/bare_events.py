"""The least that a function behind API Gateway can do: read the secret, verify, put the event on the queue."""

import json
import os

import boto3
from slack_sdk.signature import SignatureVerifier

secret = boto3.client("ssm").get_parameter(
    Name=f"{os.environ['PARAMETERS_PREFIX']}/SlackSigningSecret", WithDecryption=True
)["Parameter"]["Value"]
verifier = SignatureVerifier(secret)
sqs = boto3.client("sqs")


def handler(event: dict, _context: object) -> dict:
    if not verifier.is_valid_request(event["body"], event["headers"]):
        return {"statusCode": 401}
    asked = json.loads(event["body"])["event"]
    sqs.send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageGroupId=asked["channel"],
        MessageDeduplicationId=asked["ts"],
        MessageBody=event["body"],
    )
    return {"statusCode": 200}
