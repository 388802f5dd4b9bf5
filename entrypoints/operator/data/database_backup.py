"""Puts the backup of a database in the place of the one that the bot uses."""

import os
import shutil
import time
from contextlib import closing, suppress
from pathlib import Path

from adapters.private_files import make_private
from adapters.sqlite import Database, OnlyProcess
from domain.errors import StoreUnavailable
from entrypoints.configuration.settings import SettingError

PARTS = ("", "-wal", "-shm")
"""What a database consists of, by the ends of its files' names."""


def restore_database(backup: Path, target: Path) -> Path | None:
    """Replace ``target`` by a copy of ``backup``. Returns where the former one is now, if there was one.

    Nothing has changed where it raises: ``StoreCorrupt`` where the backup is not the bot's or is damaged, and
    ``StoreUnavailable`` where it cannot be read or a bot is running on ``target``, ``SettingError`` where there is no
    backup.
    """
    if not backup.is_file():
        raise SettingError(f"FILE must be a backup; there is none at {backup}")
    copy = target.with_name(f"{target.name}.restoring")
    with OnlyProcess(target):
        try:
            _copy_whole(backup, copy)
            _give_to_owner(copy, target if target.exists() else target.parent)
            replaced = _put_aside(target)
            copy.replace(target)
        finally:
            for part in PARTS:
                Path(f"{copy}{part}").unlink(missing_ok=True)
    return replaced


def _copy_whole(backup: Path, copy: Path) -> None:
    try:
        make_private(copy)
        shutil.copyfile(backup, copy)
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or backup}: {error.strerror}") from error
    with closing(Database(copy)) as database:
        database.check_whole()


def _give_to_owner(copy: Path, of: Path) -> None:
    """The bot may be another user than whoever restores it, as under systemd."""
    owner = of.stat()
    with suppress(PermissionError):
        os.chown(copy, owner.st_uid, owner.st_gid)


def _put_aside(target: Path) -> Path | None:
    if not target.exists():
        return None
    aside = target.with_name(f"{target.name}.replaced-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    for part in PARTS:
        if Path(f"{target}{part}").exists():
            Path(f"{target}{part}").replace(f"{aside}{part}")
    return aside
