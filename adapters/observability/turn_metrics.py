"""Counts what happens in turns as metrics, with Powertools: by the events that are reported, and by what is charged."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from domain.conversations.saving import Stored
from domain.errors import NotAnswerable
from domain.limits.question_rate import Admission
from domain.ports.stores import Conversations
from domain.requests import Request
from domain.spending.ledger import Charge
from domain.spending.prices import MILLIONTHS
from domain.timestamp import Timestamp
from domain.turn_events import Answered, Condensed, Event, Failed, Report


class Measured:
    """Passes reported events on, and counts them by their names."""

    def __init__(self, metrics: Metrics, report: Report) -> None:
        self._metrics = metrics
        self._report = report

    def __call__(self, event: Event) -> None:
        self._report(event)
        self._count(type(event).__name__)
        if isinstance(event, Answered) and event.first_word:  # an answer that was stopped before it has none
            self._metrics.add_metric("FirstWord", MetricUnit.Seconds, event.first_word)
        if isinstance(event, Condensed) and event.lost:
            self._count("NotesGone", event.lost)
        if isinstance(event, Failed) and isinstance(event.error, NotAnswerable):
            self._count("Refused")

    def _count(self, name: str, number: int = 1) -> None:
        self._metrics.add_metric(name, MetricUnit.Count, number)


class MeasuredConversations:
    """The same conversations, whose charges are measured once they are saved: what the ledger has, no more and no less.

    CloudWatch bills each name with each value of a dimension as one metric, so that only tokens and money are kept
    apart by model. ``terraform/modules/observability/usage.tf`` shows them.
    """

    def __init__(self, conversations: Conversations, metrics: Metrics) -> None:
        self._conversations = conversations
        self._metrics = metrics

    def load(self, conversation: str, asked: Timestamp | None = None, of: Request | None = None) -> Stored:
        return self._conversations.load(conversation, asked, of)

    def save(
        self, conversation: str, stored: Stored, charge: Charge | None = None, admitted: Admission | None = None
    ) -> Stored:
        saved = self._conversations.save(conversation, stored, charge, admitted)
        if charge:
            self._measure(charge)
        return saved

    def _measure(self, charge: Charge) -> None:
        usage = charge.usage
        _add_counts(self._metrics, TokensSent=usage.sent, TokensReceived=usage.received, TokensCached=usage.cached)
        # In a document of its own: all metrics of one document have the same dimensions.
        of_model = EphemeralMetrics(namespace=self._metrics.provider.namespace)
        of_model.add_dimension("model", charge.model)
        _add_counts(of_model, TokensSent=usage.sent, TokensReceived=usage.received)
        if charge.money is not None:
            of_model.add_metric("Money", MetricUnit.NoUnit, charge.money / MILLIONTHS)
        of_model.flush_metrics()


def _add_counts(metrics: Metrics | EphemeralMetrics, **numbers: int) -> None:
    for name, number in numbers.items():
        metrics.add_metric(name, MetricUnit.Count, number)
