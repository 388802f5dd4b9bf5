"""What the two functions need on AWS: cold and warm time, memory, DynamoDB's requests, and the image's size.

AWS is played by an emulator, and Lambda by its own runtime interface emulator in the project's image, one
container for each cold start. Where the machine lacks Docker or the emulator, nothing is measured.
"""

import itertools
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from adapters.serialization.request_records import request_to_json
from bench import emulator, images
from bench.conversation import question
from bench.emulator import SECRETS, Emulator
from bench.images import HOST, Container
from bench.stand_ins import running, seen
from bench.starts import signed_event
from domain.conversations.place import conversation_key
from domain.requests import Condense, Question, Request
from domain.timestamp import Timestamp

EVENTS, WORKER = "entrypoints.lambda_events.handler", "entrypoints.lambda_worker.handler"
RUNS = 9
READS = {"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"}

SIZE = """
from pathlib import Path
ours = {"domain", "adapters", "entrypoints"}
files = (path for top in Path().iterdir() if top.name not in ours for path in (top, *top.rglob("*")))
print(sum(path.lstat().st_blocks * 512 for path in files))
"""

STATE = """
import json, os
from pathlib import Path
def peak(process):
    lines = process.joinpath("status").read_text().splitlines()
    return max((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), default=0)
others = [each for each in Path("/proc").glob("[0-9]*") if each.name != str(os.getpid())]
function = max(others, key=peak)
print(json.dumps({"peak": peak(function), "encoding": "/tiktoken/" in function.joinpath("maps").read_text()}))
"""
"""Of the function's process, which is the largest: the most memory it had in use, and whether tiktoken is loaded."""

numbers = itertools.count()


def missing() -> str:
    return images.missing() or emulator.missing()


def figures() -> dict[str, float]:
    with images.built() as (own, bare), emulator.emulator() as aws:
        size = int(images.docker("run", "--rm", "--entrypoint", "python3", own, "-c", SIZE))
        return (
            {"dependencies_mb": size / 1e6}
            | _cold_events(aws, own, bare)
            | _cold_worker(aws, own, bare)
            | _warm_events(aws, own)
            | _turns(aws, own)
        )


def _cold_events(aws: Emulator, own: str, bare: str) -> dict[str, float]:
    """Seconds from a container's start to the first response."""

    def cold(image: str, handler: str) -> float:
        with Container(image, handler, aws.env) as container:
            answered = container.start(_request(next(numbers)))
            responded = time.time()
            assert answered["statusCode"] == 200, f"{answered} {container.log()}"
            return responded - container.started()

    return _compared("cold_events", _by_turns(lambda: cold(own, EVENTS), lambda: cold(bare, "bare_events.handler")))


def _cold_worker(aws: Emulator, own: str, bare: str) -> dict[str, float]:
    """Seconds from a container's start to the first request that the model gets."""
    with running(host="0.0.0.0") as address:
        env = aws.env | _outside(address)

        def cold(image: str, handler: str) -> float:
            with Container(image, handler, env) as container:
                container.start(_record(next(numbers)))
                return float(seen(address)["requests"][-1]["at"]) - container.started()

        return _compared("cold_worker", _by_turns(lambda: cold(own, WORKER), lambda: cold(bare, "bare_worker.handler")))


def _warm_events(aws: Emulator, own: str, rounds: int = 3, events: int = 1000, rate: int = 50) -> dict[str, float]:
    """Events at a fixed rate to one container, which takes one at a time; the median round counts.

    Each is timed from the moment at which it was due, so that waiting for the one before counts too: one hiccup of
    the machine delays a dozen, more than a round's p99 can bear.
    """
    with Container(own, EVENTS, aws.env) as container:
        container.start(_request(next(numbers)))
        before = aws.queued()
        times = [_paced(container, events, rate) for _ in range(rounds)]
        return {
            "warm_events_p99_ms": statistics.median(statistics.quantiles(each, n=100)[98] for each in times) * 1000,
            "warm_events_p50_ms": statistics.median(itertools.chain.from_iterable(times)) * 1000,
            "warm_events_lost": rounds * events - (aws.queued() - before),
        }


def _paced(container: Container, events: int, rate: int) -> list[float]:
    times, begin = [], time.perf_counter()
    for number in range(events):
        due = begin + (number + 1) / rate
        event = _request(next(numbers))
        time.sleep(max(0.0, due - time.perf_counter()))
        assert container.invoke(event)["statusCode"] == 200
        times.append(time.perf_counter() - due)
    return times


def _turns(aws: Emulator, own: str) -> dict[str, float]:
    """Three turns of one conversation, and the condensation that the last of them makes necessary."""
    # A turn has some 170 tokens. A question that exceeds the limit in bytes would be counted beforehand.
    memory = {"MEMORY_TOKEN_LIMIT": "400", "MEMORY_KEEP_TOKENS": "200"}
    # The model hesitates, so that the function can be looked at while it waits for the first word.
    with running(first_token=1.5, host="0.0.0.0") as address, ThreadPoolExecutor() as pool:
        env = aws.env | aws.counting | _outside(address) | memory
        thread = _ts(next(numbers))
        with Container(own, WORKER, env) as container:
            answering = pool.submit(container.start, _record(next(numbers), thread))
            while not seen(address)["requests"] and not answering.done():
                time.sleep(0.05)
            waiting = container.run(STATE)
            answering.result()
            calls = [aws.take_calls()]
            assert container.run(STATE)["encoding"], "the encoding is never seen, so its absence says nothing"
            for _ in range(2):
                container.invoke(_record(next(numbers), thread))
                calls.append(aws.take_calls())
            container.invoke(_condense(next(numbers), thread))  # which the third turn has put on the queue
            calls.append(aws.take_calls())
            assert len(seen(address)["requests"]) == 4, "three answers and one condensation were expected"
            peak = container.run(STATE)["peak"]
    reads = [sum(each[name] for name in READS) for each in calls]
    writes = [each.total() - read for each, read in zip(calls, reads, strict=True)]
    return {
        "encodings_before_model": int(waiting["encoding"]),
        "worker_peak_mb": peak / 1e6,
        "turn_reads": max(reads),
        "turn_writes": max(writes[:3]),
        "condensing_writes": writes[2] + writes[3],
    }


def _by_turns(own: Callable[[], float], bare: Callable[[], float]) -> list[tuple[float, float]]:
    """Both, one after the other; the first pair, which fills caches, does not count."""
    return [(own(), bare()) for _ in range(RUNS + 1)][1:]


def _compared(name: str, times: list[tuple[float, float]]) -> dict[str, float]:
    """Medians. The ratio is that of the pairs' own: a machine that is busy for a while is so for both of a pair."""
    own, bare = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(one / other for one, other in times)
    return {f"{name}_ms": own * 1000, f"bare_{name}_ms": bare * 1000, f"{name}_ratio": ratio}


def _outside(address: str) -> dict[str, str]:
    """Where a container finds the stand-ins."""
    there = f"http://{HOST}:{urlsplit(address).port}"
    return {"OPENAI_BASE_URL": f"{there}/v1", "SLACK_API_URL": f"{there}/api/"}


def _request(number: int) -> dict[str, object]:
    """A mention as API Gateway hands it to the events function."""
    body, headers = signed_event(SECRETS["SlackSigningSecret"], number, {"type": "app_mention", "channel": "C1"})
    context = {"requestId": f"bench-{number}", "http": {"method": "POST", "path": "/events"}}
    return {
        "version": "2.0",
        "routeKey": "POST /events",
        "rawPath": "/events",
        "headers": {"content-type": "application/json"} | {name.lower(): value for name, value in headers.items()},
        "requestContext": context,
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def _record(number: int, thread: str = "") -> dict[str, object]:
    """A question as SQS hands it to the worker."""
    return _message(number, Question("T1", "C1", _ts(number), "U1", question(number), thread))


def _condense(number: int, thread: str) -> dict[str, object]:
    """The request to condense a thread as SQS hands it to the worker."""
    return _message(number, Condense("T1", "C1", _ts(number), "U1", conversation_key("T1", "C1", thread)))


def _message(number: int, request: Request) -> dict[str, object]:
    attributes = {"ApproximateReceiveCount": "1"}
    return {"Records": [{"messageId": f"bench-{number}", "attributes": attributes, "body": request_to_json(request)}]}


def _ts(number: int) -> Timestamp:
    return Timestamp(f"2000.{number:06}")
