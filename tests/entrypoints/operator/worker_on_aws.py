"""The functions of a deployment on an emulated AWS, and the worker's trigger."""

import json
from collections.abc import Mapping

import boto3

from tests.aws_on_loopback import Aws

WORKER, EVENTS = "slack-gpt-worker", "slack-gpt-events"
IMAGE = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/slack-gpt:pochi"
ASSUME = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def create_role(name: str) -> str:
    """Returns its ARN."""
    made = boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ASSUME))
    return made["Role"]["Arn"]


def create_function(name: str, variables: Mapping[str, str]) -> None:
    """A function with a role of its name."""
    boto3.client("lambda").create_function(
        FunctionName=name,
        PackageType="Image",
        Code={"ImageUri": IMAGE},
        Role=create_role(name),
        Timeout=60,
        Environment={"Variables": variables},
    )


def allow(name: str, *actions: str, resource: str = "*") -> None:
    """Have the function's role be allowed these actions, and no others."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("iam").put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document)


def create_worker(aws: Aws, **variables: str) -> str:
    """The worker with this environment, which is fed from the queue. Returns the id of its trigger."""
    create_function(WORKER, variables)
    asked = aws.sqs.get_queue_attributes(QueueUrl=aws.queue, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    trigger = boto3.client("lambda").create_event_source_mapping(FunctionName=WORKER, EventSourceArn=arn)
    return trigger["UUID"]
