"""What the page of one event, task or note shows: when, where, who, how often, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from appliance.clock import from_micros
from appliance.dav.contracts import Conditions
from appliance.objects.content_lines import Malformed
from appliance.objects.event_faces import EventFace, Guest, due_at, event_face
from appliance.objects.timezones import zone_named
from appliance.tree.object_member import ObjectMember
from web import language, repeats
from web.outlook import Shown
from web.visitor import visitor


@dataclass(frozen=True, slots=True)
class Telling:
    """One event. `face` None: it cannot be read and is kept as it was sent."""

    address: str
    name: str
    title: str
    face: EventFace | None
    when: str = ""
    elsewhere: str = ""  # the same by the clock of the zone that it was written in
    repeats: str = ""
    reminders: tuple[str, ...] = ()
    day: datetime | None = None


def told(shown: Shown, name: str) -> Telling:
    """Return what to say of a member of a calendar; NotFound."""
    body = octets(shown, name)
    address = f"{shown.address}/{name}"
    try:
        face = event_face(body, visitor().zone)
    except Malformed:
        return Telling(address, name, name, None)
    spoken = visitor().language
    starts = None if face.span is None else from_micros(face.span[0]).astimezone(visitor().zone)
    return Telling(
        address, name, face.title, face,
        when=_when(face), elsewhere=_elsewhere(face),
        repeats=_sentence(repeats.repeated(face.rules, spoken) or (gettext("on some days") if face.repeats else "")),
        reminders=tuple(
            language.full(from_micros(alarm.at), visitor().zone, spoken)
            if alarm.at is not None
            else repeats.reminded(alarm, spoken)
            for alarm in face.reminders
        ),
        day=starts,
    )  # fmt: skip


def octets(shown: Shown, name: str) -> bytes:
    """Return an event as it was sent; NotFound."""
    member = shown.calendar.find(name)
    assert isinstance(member, ObjectMember)
    content = member.read(Conditions())
    return b"".join(content.chunks(0, content.size_bytes))


def title_in(body: bytes) -> str:
    """Return what an event is called, empty where it says nothing."""
    try:
        return event_face(body, visitor().zone).title
    except Malformed:
        return ""


def answer(guest: Guest) -> str:
    """Return what a guest answered, in words."""
    words = {
        "ACCEPTED": gettext("comes"), "DECLINED": gettext("does not come"), "TENTATIVE": gettext("may come"),
        "DELEGATED": gettext("sends somebody else"), "NEEDS-ACTION": gettext("has not answered"),
    }  # fmt: skip
    return str(words.get(guest.answer, ""))


def between(starts: datetime, ends: datetime, *, whole_day: bool) -> str:
    """Return from when to when, no longer than it must be; `ends` of whole days is within the last of them."""
    spoken = visitor().language
    if whole_day:
        first, last = language.weekday(starts.date(), spoken), language.weekday(ends.date(), spoken)
        return first if starts.date() == ends.date() else f"{first} – {last}"
    zone = visitor().zone
    first = f"{language.weekday(starts.date(), spoken)}{'' if spoken == 'ko' else ','} {language.clock(starts, zone)}"
    if starts == ends:
        return first
    if starts.date() == ends.date() or ends - starts < timedelta(hours=24):
        return f"{first}–{language.clock(ends, zone)}"
    return f"{first} – {language.full(ends, zone, spoken)}"


def _when(face: EventFace) -> str:
    if face.span is None:
        return ""
    zone = visitor().zone
    start, end = face.span
    if face.component == "VTODO":
        due = from_micros(due_at((start, end)) if end else start).astimezone(zone)
        return between(due, due, whole_day=face.whole_day)
    last = max(start, end - 1 if face.whole_day else end)
    return between(from_micros(start).astimezone(zone), from_micros(last).astimezone(zone), whole_day=face.whole_day)


def _elsewhere(face: EventFace) -> str:
    """Return the time by the clock of another zone, where the event was written in one that differs then."""
    zone = None if face.zone is None or face.whole_day or face.span is None else zone_named(face.zone)
    if zone is None or face.span is None:
        return ""
    at = from_micros(face.span[0])
    there = at.astimezone(zone)
    if there.utcoffset() == at.astimezone(visitor().zone).utcoffset():
        return ""
    return str(gettext("%(time)s in %(zone)s", time=there.strftime("%H:%M"), zone=face.zone))


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]
