"""Writes a function's log lines as JSON, and its counts as metrics, with Powertools. CloudWatch keeps both.

People's texts and the settings' secrets are in neither; ``evidence`` decides what a line says of an error.
"""

import logging
import os

from aws_lambda_powertools import Logger, Metrics

from adapters.observability.log_lines import one_line_of_json

PACKAGES = ("domain", "adapters", "entrypoints")


def structured_logger() -> Logger:
    """A logger whose lines are JSON objects, under the service name in ``POWERTOOLS_SERVICE_NAME``."""
    return Logger(
        level=logging.INFO, json_serializer=one_line_of_json
    )  # not from LOG_LEVEL: a wrong one is for the settings to complain of


def metrics() -> Metrics:
    """Metrics in the namespace of the deployment, or in a default one: a missing namespace must not fail an answer."""
    return Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "slack-gpt-backend")


def write_packages_with(logger: Logger, level: str) -> None:
    """Write our own packages' log lines by this logger's handler, with the keys that it has at the time."""
    for package in PACKAGES:
        ours = logging.getLogger(package)
        ours.handlers[:] = [logger.logger_handler]
        ours.propagate = False  # or Lambda's own handler would write each line once more
        ours.setLevel(level)
