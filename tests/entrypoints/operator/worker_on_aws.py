"""The worker of a deployment on an emulated AWS, with its trigger."""

import json

import boto3

from tests.aws_on_loopback import Aws

WORKER = "slack-gpt-worker"
IMAGE = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/slack-gpt:pochi"
ASSUME = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def create_worker(aws: Aws, **variables: str) -> str:
    """A function with this environment that is fed from the queue. Returns the id of its trigger."""
    functions = boto3.client("lambda")
    role = boto3.client("iam").create_role(RoleName=WORKER, AssumeRolePolicyDocument=json.dumps(ASSUME))["Role"]["Arn"]
    functions.create_function(
        FunctionName=WORKER,
        PackageType="Image",
        Code={"ImageUri": IMAGE},
        Role=role,
        Timeout=60,
        Environment={"Variables": variables},
    )
    asked = aws.sqs.get_queue_attributes(QueueUrl=aws.queue, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    return functions.create_event_source_mapping(FunctionName=WORKER, EventSourceArn=arn)["UUID"]
