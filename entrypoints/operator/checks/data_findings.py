"""Disk, database and queue of this machine."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing

from adapters.sqlite import Database, SqliteQueue
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError
from entrypoints.configuration.settings import Settings
from entrypoints.counted import counted
from entrypoints.operator.checks.finding import Finding

DISK_BYTES = 100_000_000
"""Free space below which a database will soon have none."""


def data_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    path = settings.database_path
    folder = next(each for each in path.absolute().parents if each.is_dir())
    free = shutil.disk_usage(folder).free
    mend = "" if free >= DISK_BYTES else f"make room where {folder} is"
    yield Finding("disk", not mend, f"{free // 1_000_000} MB free", mend)
    if not path.exists():
        yield Finding("store", True, f"none yet; the first start makes {path}")
        return
    try:
        with closing(Database(path)) as database:
            database.check_writable()
            yield Finding("store", True, f"{path} can be read and written")
            yield _queue(SqliteQueue(database, clock=clock).sizes())
    except AnsweringError as error:
        yield Finding("store", False, str(error), "look at DATABASE_PATH, its owner and its disk; restore a backup")


def _queue(sizes: Mapping[str, int]) -> Finding:
    dead = sizes["dead_letters"]
    what = f"{sizes['waiting']:,} waiting, {sizes['claimed']:,} being worked on, {counted(dead, 'dead letter')}"
    mend = "bot dead-letters says why; once that is mended: bot replay --all" if dead else ""
    return Finding("queue", not dead, what, mend)
