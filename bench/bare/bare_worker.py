"""The least that comes before a model's first word: the SDKs that the worker uses, and the same calls by them."""

import json
import os

import boto3
import openai
from aws_lambda_powertools import Logger, Metrics
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from slack_sdk import WebClient

logger = Logger()
metrics = Metrics(namespace="bench")


class Item(Model):
    class Meta:
        table_name = os.environ["TABLE_NAME"]

    id = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(null=True)


def handler(event: dict, _context: object) -> None:
    asked = json.loads(event["Records"][0]["body"])
    prefix = os.environ["PARAMETERS_PREFIX"]
    names = [f"{prefix}/{name}" for name in ("OpenAiApiKey", "SlackSigningSecret", "SlackToken")]
    found = boto3.client("ssm").get_parameters(Names=names, WithDecryption=True)["Parameters"]
    secrets = {each["Name"].removeprefix(f"{prefix}/"): each["Value"] for each in found}
    try:
        item = Item.get(asked["ts"], consistent_read=True)
    except Item.DoesNotExist:
        item = Item(asked["ts"])
    WebClient(secrets["SlackToken"], base_url=os.environ["SLACK_API_URL"]).chat_startStream(
        channel=asked["channel"],
        thread_ts=asked["ts"],
        recipient_team_id=asked["team"],
        recipient_user_id=asked["person"],
    )
    item.version = 1
    item.save(Item.version.does_not_exist())
    stream = openai.OpenAI(api_key=secrets["OpenAiApiKey"]).chat.completions.create(
        model="bare", messages=[{"role": "user", "content": asked["text"]}], stream=True
    )
    next(iter(stream))
