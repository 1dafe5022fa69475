"""What the house sees of a phone, in words: each tick becomes a sentence in its place, each fault its own remedy.

`household/ticks.py` judges; this only says it, in the visitor's language.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_timedelta, gettext, ngettext

from appliance import errors
from appliance.household.ticks import Tick
from web.rooms import Rooms

IMPATIENT = timedelta(seconds=45)  # after that a step under way says what may hold it up


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list. `total` is 0 where nothing is counted."""

    key: str
    state: str
    says: str
    second: str = ""
    remedy: str = ""
    at: datetime | None = None
    count: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Told:
    """What belongs to the sentences: the login that the phone should use, what time it is, how the box is reached."""

    user: str
    now: datetime | None
    secure: bool


def steps(found: tuple[Tick, ...], *, user: str, now: datetime | None = None, secure: bool = False) -> list[Step]:
    """Return every tick as a line. `now` is given while somebody waits: then a slow step says what may help."""
    told = _Told(user, now, secure)
    return [_TELLERS[tick.key](tick, told) for tick in found]


def look_again(house: Rooms) -> None:
    """Write down what was seen up to now, so that it is told; where the disk is full it is told later."""
    with contextlib.suppress(errors.GotganError):
        house.entrance.sightings.write_all()


def _reached(tick: Tick, told: _Told) -> Step:
    if tick.state == "done":
        return Step(tick.key, tick.state, gettext("It found the house"), at=tick.at)
    if tick.state == "fault":
        return _over(tick)
    says, second = gettext("Waiting for the phone"), gettext("point its camera at the code")
    remedy = gettext("It has to be in the same network as this house; mobile data does not lead here.")
    return Step(tick.key, tick.state, says, second, _late(tick, told, remedy))


def _given(tick: Tick, told: _Told) -> Step:
    if tick.state == "fault":
        return _over(tick)
    if tick.state == "done":
        second = {
            "profile": gettext("as a profile"),
            "davx5": gettext("through DAVx⁵"),
            "plain": gettext("to be typed"),
        }[str(tick.values["way"])]
        return Step(tick.key, tick.state, gettext("It took its settings"), second, at=tick.at)
    remedy = gettext("On the phone, choose one of the ways that its page offers.")
    return Step(tick.key, tick.state, gettext("Its settings"), remedy="" if tick.state == "wait" else remedy)


def _over(tick: Tick) -> Step:
    if tick.values["reason"] == "ended":
        return Step(
            tick.key, tick.state, gettext("This code was ended"),
            remedy=gettext("Nobody came in by it. Make a new one when you are ready."), at=tick.at,
        )  # fmt: skip
    return Step(
        tick.key, tick.state, gettext("The time of this code is over"),
        remedy=gettext("A code works for fifteen minutes. Make a new one."), at=tick.at,
    )  # fmt: skip


def _key(tick: Tick, told: _Told) -> Step:
    if tick.state == "done":
        return Step(tick.key, tick.state, gettext("Its key fits"), told.user, at=tick.at)
    if tick.state == "fault":
        says, remedy = _WRONG[str(tick.values["reason"])](told)
        return Step(tick.key, tick.state, says, remedy=remedy, at=tick.at)
    if tick.state == "wait":
        return Step(tick.key, tick.state, gettext("Its key"))
    remedy = gettext("On the phone, finish what it asks: install the profile, or press on in DAVx⁵.")
    if told.secure:
        remedy = gettext(
            "Perhaps the phone does not trust this house’s certificate: on an iPhone under Settings, General, About,"
            " Certificate Trust Settings; in DAVx⁵ by saying yes to the certificate."
        )
    return Step(
        tick.key, tick.state, gettext("Waiting for it to knock"), told.user, _late(tick, told, remedy)
    )  # fmt: skip


def _wrong_password(told: _Told) -> tuple[str, str]:
    return gettext("It knocks with a wrong password"), gettext(
        "On the phone, type the password of its settings again, not your own. If it is not at hand any more, make a new"
        " code."
    )


def _wrong_user(told: _Told) -> tuple[str, str]:
    return gettext("Its password is right, but the name is another’s"), gettext(
        "On the phone, the user name must be %(user)s.", user=told.user
    )


def _shut_out(told: _Told) -> tuple[str, str]:
    return gettext("It is shut out"), gettext("Nothing gets in with its key. A new code lets it in with a new one.")


_WRONG: Mapping[str, Callable[[_Told], tuple[str, str]]] = {
    "password": _wrong_password,
    "user": _wrong_user,
    "shut out": _shut_out,
}


def _listed(tick: Tick, told: _Told) -> Step:
    if tick.state == "done":
        return Step(tick.key, tick.state, gettext("It knows what there is"), at=tick.at)
    if tick.state == "wait":
        return Step(tick.key, tick.state, gettext("A look around"))
    remedy = gettext(
        "In DAVx⁵, choose the address books and calendars; on an iPhone, switch contacts and calendars on."
    )
    return Step(tick.key, tick.state, gettext("It looks around"), remedy=_late(tick, told, remedy))


def _contacts(tick: Tick, told: _Told) -> Step:
    if tick.state == "wait":
        return Step(tick.key, tick.state, gettext("The contacts"), gettext("once its contacts are opened"))
    count, total = int(tick.values["count"]), int(tick.values["total"])
    if tick.state == "doing":
        return Step(tick.key, tick.state, gettext("Contacts are going over"), count=count, total=total)
    says = ngettext("%(num)s contact has arrived", "%(num)s contacts have arrived", total)
    return Step(tick.key, tick.state, says if total else gettext("No contacts yet, and it knows"), at=tick.at)


def _events(tick: Tick, told: _Told) -> Step:
    if tick.state == "wait":
        return Step(tick.key, tick.state, gettext("The appointments"), gettext("once its calendar is opened"))
    count, total = int(tick.values["count"]), int(tick.values["total"])
    if tick.state == "doing":
        return Step(tick.key, tick.state, gettext("Appointments are going over"), count=count, total=total)
    says = ngettext("%(num)s appointment has arrived", "%(num)s appointments have arrived", total)
    return Step(tick.key, tick.state, says if total else gettext("No appointments yet, and it knows"), at=tick.at)


def _clock(tick: Tick, told: _Told) -> Step:
    return Step(
        tick.key, tick.state, clock_said(int(tick.values["seconds"])),
        remedy=gettext("Appointments would move. On the phone, let date and time be set automatically."), at=tick.at,
    )  # fmt: skip


def clock_said(ahead_seconds: int) -> str:
    """Return by how much a clock is off: its largest unit, which is enough to know."""
    amount = format_timedelta(timedelta(seconds=abs(ahead_seconds)), threshold=2)
    slow: str = gettext("Its clock is %(amount)s slow", amount=amount)
    fast: str = gettext("Its clock is %(amount)s fast", amount=amount)
    return slow if ahead_seconds < 0 else fast


def _quiet(tick: Tick, told: _Told) -> Step:
    days = int(tick.values["days"])
    return Step(
        tick.key, tick.state,
        ngettext("It has not come by for %(num)s day", "It has not come by for %(num)s days", days),
        remedy=gettext("It may be saving its battery. Open its contacts or its calendar once, at home."), at=tick.at,
    )  # fmt: skip


def _refused(tick: Tick, told: _Told) -> Step:
    count = int(tick.values["count"])
    return Step(
        tick.key, tick.state, ngettext("%(num)s edit was kept aside", "%(num)s edits were kept aside", count),
        remedy=gettext("Nothing is lost: what it sent is kept until somebody looks at it."), at=tick.at,
    )  # fmt: skip


def _late(tick: Tick, told: _Told, remedy: str) -> str:
    """Return what may help with a step that somebody has waited for long enough, else nothing."""
    since = tick.at
    return remedy if told.now is not None and since is not None and told.now - since >= IMPATIENT else ""


_TELLERS: Mapping[str, Callable[[Tick, _Told], Step]] = {
    "reached": _reached,
    "given": _given,
    "key": _key,
    "listed": _listed,
    "contacts": _contacts,
    "events": _events,
    "clock": _clock,
    "quiet": _quiet,
    "refused": _refused,
}
