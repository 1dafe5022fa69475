"""What deserves a look: bursts, edits kept aside, alarms, a hold, what was cut off, what is odd; each with its way out.

An administrator is told of everybody's devices and of the disk, but not what other people's things are called. It
refuses to change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from appliance.clock import from_micros
from appliance.household import held
from appliance.store import alarms, batches
from appliance.store.alarms import Alarm
from appliance.store.database import Reading
from appliance.tree.bursting import Found
from web import kept_aside
from web.bursts import named, said, usually
from web.chronicle import Way
from web.kept_aside import Kept
from web.showing import number
from web.visitor import visitor

FEW = 2  # kept edits that are told one by one
UNDER_WAY = timedelta(minutes=5)  # what was begun since is no trouble yet
ABOUT_THE_BOX = frozenset({"retention", "unwatched", "witness", "disk", "marker", "inotify"})
ALARMS: Mapping[str, LazyString] = {
    "vanished": lazy_gettext("Many files were gone from the disk at once."),
    "uncovered": lazy_gettext("A file was changed on the disk itself before its old state was safe."),
    "lost": lazy_gettext("The disk gives something back otherwise than it was written."),
    "unreadable": lazy_gettext("A file on the disk cannot be read, so nobody sees it."),
    "unserved": lazy_gettext("Some names or links on the disk are shown to nobody."),
    "retention": lazy_gettext("Old states are not thinned out: the clock jumped."),
    "unwatched": lazy_gettext("Nobody watches the files on the disk."),
    "witness": lazy_gettext("What proves that this house was not set back cannot be written."),
    "disk": lazy_gettext("The disk does not answer as it should."),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that deserves a look. `plain`: in English, as logged.

    `alarm_id`: somebody may say that it is known; `meant`: where somebody says that it was meant.
    """

    word: str
    icon: str
    said: str
    at: datetime | None = None
    note: str = ""
    plain: str = ""
    ways: Sequence[Way] = ()
    alarm_id: int | None = None
    meant: str = ""


def matters(reading: Reading, bursts: Sequence[Found]) -> list[Matter]:
    """Return what deserves the visitor's look, the newest first; what has no time comes last."""
    found = [*_bursts(reading, bursts), *_kept(reading), *_holds(reading), *_cut_off(reading), *_alarms(reading)]
    dated = sorted((each for each in found if each.at is not None), key=_time, reverse=True)
    return _one_filled([*dated, *(each for each in found if each.at is None), *_faults(reading)])


def _time(matter: Matter) -> datetime:
    assert matter.at is not None
    return matter.at


def _one_filled(found: list[Matter]) -> list[Matter]:
    """Leave only the first indigo act filled: one in a view."""
    seen = False
    told = []
    for matter in found:
        ways = [Way(way.word, way.address, "" if seen and way.kind == "return" else way.kind) for way in matter.ways]
        seen = seen or any(way.kind == "return" for way in ways)
        told.append(replace(matter, ways=ways))
    return told


def _bursts(reading: Reading, bursts: Sequence[Found]) -> Iterator[Matter]:
    here = visitor()
    for each in bursts:
        back = url_for("rewinding.show", device_id=each.device.id, since=f"seq-{each.since_seq}")
        ways = [Way(gettext("Take back…"), back, "return")]
        if each.device.person_id == here.member.id:
            day = each.began_at.astimezone(here.zone).date()
            see = url_for("timeline.show", person=here.member.name, device=each.device.id, day=day)
            ways.append(Way(gettext("See them"), see))
        meant = url_for("bursts.say_meant", **named(each))
        yield Matter(
            gettext("A burst"), "look", said(reading, each), each.began_at, usually(each), ways=ways, meant=meant
        )


def _kept(reading: Reading) -> Iterator[Matter]:
    waiting, more = kept_aside.waiting(reading, None)
    if len(waiting) <= FEW:
        yield from map(_edit, waiting)
        return
    count = number(len(waiting)) + ("+" if more else "")
    yield Matter(
        gettext("Edits were kept aside"), "slip",
        gettext("%(count)s edits did not fit any more when they came, and wait for you.", count=count),
        waiting[0].at, ways=[Way(gettext("Look at the edits"), url_for("kept.show"))],
    )  # fmt: skip


def _edit(kept: Kept) -> Matter:
    return Matter(
        gettext("An edit was kept aside"), "slip",
        gettext("%(who)s wanted to delete %(name)s.", who=kept.who, name=kept.name)
        if kept.is_deletion
        else gettext("%(who)s wrote something into %(name)s.", who=kept.who, name=kept.name),
        kept.at, kept.why, ways=[Way(gettext("Look at the edit"), url_for("kept.edit", refused_id=kept.id))],
    )  # fmt: skip


def _holds(reading: Reading) -> Iterator[Matter]:
    if not visitor().member.admin:
        return
    for report in held.reports(reading):
        if report.is_open:
            yield Matter(
                gettext("On hold"), "look",
                gettext("This house seems to be older than what some phones know, so they wait. Nothing is deleted."),
                from_micros(report.hold.since_at),
                ways=[Way(gettext("Decide…"), url_for("hold.show"))],
            )  # fmt: skip


def _cut_off(reading: Reading) -> Iterator[Matter]:
    here = visitor()
    for batch in batches.unfinished(reading):
        begun_at = from_micros(batch.at)
        if batch.person_id == here.member.id and here.now - begun_at > UNDER_WAY:
            yield Matter(
                gettext("Half done"), "look", gettext("Something that you began was cut off. Nothing is lost."),
                begun_at, ways=[Way(gettext("Go on…"), url_for("receipts.show", batch_id=batch.id))],
            )  # fmt: skip


def _alarms(reading: Reading) -> Iterator[Matter]:
    if not visitor().member.admin:
        return
    for alarm in alarms.waiting(reading):
        said = str(ALARMS.get(alarm.kind, gettext("The house noticed something on its disk.")))
        yield Matter(
            gettext("The house"), "storage", said, from_micros(alarm.last_at),
            plain=alarm.sentence if _may_be_told(alarm) else "", alarm_id=alarm.id,
        )  # fmt: skip


def _may_be_told(alarm: Alarm) -> bool:
    """Return whether the sentence of an alarm names nobody else's things."""
    own = visitor().member.name
    return alarm.kind in ABOUT_THE_BOX or alarm.kind == alarms.VANISHED or alarm.subject.split("/")[0] == own


def _faults(reading: Reading) -> Iterator[Matter]:
    odd = kept_aside.faults(reading)
    if odd:
        yield Matter(
            gettext("Odd, but here"), "look",
            ngettext(
                "%(num)s contact or event is written in a way that others may not understand.",
                "%(num)s contacts or events are written in a way that others may not understand.",
                len(odd),
            ),
            ways=[Way(gettext("Which?"), url_for("kept.show"))],
        )  # fmt: skip
