"""``bot limits`` lists, shows and changes the limits of one person, channel or workspace."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.channels.channel_settings import BUDGET_LIMIT
from domain.limits.allowance import QUESTIONS_LIMIT
from domain.limits.owner_limits import Limit
from domain.spending.ledger import Owner, OwnerKind
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.operator.names.slack_ids import require_channel, require_person, require_team, slack_settings, team_of
from entrypoints.operator.open_stores import channel_settings_of, data_place, limits_of, store_settings
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line, print_table

KINDS = {"user": OwnerKind.PERSON, "channel": OwnerKind.CHANNEL, "team": OwnerKind.TEAM}
WORDS = {kind: word for word, kind in KINDS.items()}
NONE, DEFAULT = "none", "default"


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser(
        "limits", help="list, show or change the limits of one person, channel or workspace"
    )
    parser.add_argument(
        "kind", nargs="?", choices=KINDS, metavar="|".join(KINDS), help="whose; without, all that differ"
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="such as U0123ABCD, C0123ABCD or T0123ABCD")
    parser.add_argument(
        "budget",
        nargs="?",
        metavar="BUDGET",
        help="billed-equivalent tokens a month, or none, or default: the setting's",
    )
    parser.add_argument("--questions", metavar="NUMBER", help="of a person in a minute, or none, or default")
    parser.add_argument("--team", help="id of the workspace; else SLACK_TEAM_IDS, or the token's")
    add_json(parser)
    parser.set_defaults(run=_run, parser=parser)


def _run(asked: Namespace) -> int:
    settings = store_settings()
    if asked.kind is None:
        return _list(asked, settings)
    kind = KINDS[asked.kind]
    _require_sense(asked, kind, asked.parser)
    owner = _owner(asked, kind, settings)
    limit = _limit(settings, owner)
    if asked.budget is not None:
        limit = replace(limit, budget=_number("the budget", asked.budget, BUDGET_LIMIT))
    if asked.questions is not None:
        limit = replace(limit, questions=_number("--questions", asked.questions, QUESTIONS_LIMIT))
    if asked.budget is not None or asked.questions is not None:
        _set(settings, owner, limit)
    return _show(asked, Difference(owner, limit))


def _require_sense(asked: Namespace, kind: OwnerKind, parser: ArgumentParser) -> None:
    if asked.id is None:
        parser.error(f"a limit is of one {asked.kind}: name its id")
    if asked.questions is not None and kind is not OwnerKind.PERSON:
        parser.error("--questions are of a user")


def _owner(asked: Namespace, kind: OwnerKind, settings: Settings) -> Owner:
    """Raises ``SettingError`` for an id that cannot be meant."""
    slack = slack_settings()
    if kind is OwnerKind.TEAM:
        require_team(asked.id)
        return Owner(asked.id, kind, asked.id)
    if kind is OwnerKind.PERSON:
        require_person(asked.id)
    else:
        require_channel(asked.id, slack)
    return Owner(team_of(slack, settings, asked.kind, asked.team), kind, asked.id)


def _number(what: str, text: str, most: int) -> int | None:
    """None where the setting holds. Raises ``SettingError``."""
    if text.casefold() in (NONE, DEFAULT):
        return 0 if text.casefold() == NONE else None
    digits = re.sub(r"(?<=\d)[,_](?=\d{3})", "", text)
    if not re.fullmatch("[0-9]{1,20}", digits) or int(digits) > most:
        raise SettingError(f"{what} must be a whole number from 0 to {most:,}, {NONE} or {DEFAULT}, not {text!r}")
    return int(digits)


def _limit(settings: Settings, owner: Owner) -> Limit:
    if owner.kind is OwnerKind.CHANNEL:
        with channel_settings_of(settings) as channels:
            return Limit(budget=channels.load(owner.team, owner.id).budget)
    with limits_of(settings) as store:
        return store.limit(owner)


def _set(settings: Settings, owner: Owner, limit: Limit) -> None:
    """A channel's budget is one of its settings."""
    if owner.kind is OwnerKind.CHANNEL:
        with channel_settings_of(settings) as channels:
            channels.change(owner.team, owner.id, lambda present: replace(present, budget=limit.budget))
    else:
        with limits_of(settings) as store:
            store.set_limit(owner, limit)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the operator has set for one owner."""

    owner: Owner
    limit: Limit

    @property
    def cells(self) -> tuple[str, ...]:
        budget, questions = (_said(each) for each in (self.limit.budget, self.limit.questions))
        return WORDS[self.owner.kind], self.owner.team, self.owner.id, budget, questions

    @property
    def values(self) -> dict[str, str | int | None]:
        """As programs read them: null where the setting holds, 0 where there is no limit."""
        kind, team, name, *_ = self.cells
        return {"kind": kind, "team": team, "id": name, "budget": self.limit.budget, "questions": self.limit.questions}


def _said(number: int | None) -> str:
    return DEFAULT if number is None else f"{number:,}" if number else NONE


def _show(asked: Namespace, difference: Difference) -> int:
    if asked.json:
        print_json(difference.values)
        return FINE
    _, _, _, budget, questions = difference.cells
    print_line(f"budget     {budget}")
    if difference.owner.kind is OwnerKind.PERSON:
        print_line(f"questions  {questions}")
    return FINE


def _list(asked: Namespace, settings: Settings) -> int:
    found = sorted(_differences(settings), key=lambda each: each.cells)
    if asked.json:
        print_json([each.values for each in found])
        return FINE
    if found:
        print_table(("kind", "team", "id", "budget", "questions"), *(each.cells for each in found))
    print_line(f"limits in {data_place(settings)} that differ from the settings: {len(found)}")
    return FINE


def _differences(settings: Settings) -> Iterator[Difference]:
    with limits_of(settings) as store:
        for owner, limit in store.all().items():
            yield Difference(owner, limit)
    with channel_settings_of(settings) as channels:
        for (team, channel), each in channels.all().items():
            if each.budget is not None:
                yield Difference(Owner(team, OwnerKind.CHANNEL, channel), Limit(budget=each.budget))
