"""The ledger's entries and sums, and limits, as records."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields

from adapters.serialization.records import UNREADABLE, compact_json
from domain.errors import StoreCorrupt
from domain.limits.owner_limits import Limit
from domain.spending.ledger import Charge, Kind, OwnerKind, Sum
from domain.spending.usage import Usage

TOKENS = tuple(each.name for each in fields(Usage))
"""The counts of a usage."""

COUNTS = (*(name for name in TOKENS if name != "written"), *(each.name for each in fields(Sum) if each.name != "usage"))
"""The names of the numbers that a sum consists of. What was written to a cache is in its money and in the entries."""

_CHARGE = fields(Charge)


def counts_of(total: Sum) -> dict[str, int]:
    """The numbers of a sum by their names."""
    # asdict, which copies deeply, would take several times as long, in every turn.
    return {name: getattr(total.usage if name in TOKENS else total, name) for name in COUNTS}


def sum_of_counts(counts: Mapping[str, int]) -> Sum:
    """The sum of these numbers. Those that are missing are 0, and others do not count."""
    usage = Usage(**{name: counts.get(name, 0) for name in TOKENS})
    return Sum(usage, **{name: counts.get(name, 0) for name in COUNTS if name not in TOKENS})


def charge_to_json(charge: Charge) -> str:
    """Without what is as it is by default."""
    record = {each.name: getattr(charge, each.name) for each in _CHARGE if getattr(charge, each.name) != each.default}
    usage = {name: getattr(charge.usage, name) for name in TOKENS if getattr(charge.usage, name)}
    return compact_json(record | {"usage": usage})


def charge_from_json(text: str, where: str) -> Charge:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record = json.loads(text)
        warned = tuple(OwnerKind(each) for each in record.get("warned", ()))
        return Charge(**record | {"kind": Kind(record["kind"]), "usage": Usage(**record["usage"]), "warned": warned})
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not an entry of the ledger: {type(error).__name__}") from error


def limit_to_json(limit: Limit) -> str:
    """What is set; empty where nothing is."""
    record = {name: value for name, value in asdict(limit).items() if value is not None}
    return compact_json(record) if record else ""


def limit_from_json(text: str, where: str) -> Limit:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        return Limit(**json.loads(text))
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not a limit: {type(error).__name__}") from error
