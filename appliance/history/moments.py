"""A moment as people say it: `2026-11-17 14:00`, `yesterday 14:00`, `3 days ago`, `어제 14:00`.

Local times are the household's. A day alone means its beginning: "as of the 17th" is the state before that day's work.
A local time that occurs twice means the first, because restoring a little further back is the safe side; one that does
not exist means the instant after the gap. What cannot be read is said so, with examples: it never means "everything".

A moment means what was *recorded* by then. What changed on the disk itself while nothing ran is recorded by the next
look, and belongs to the time of that look, whatever the dates of the files say: those anybody may set.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.clock import to_micros
from appliance.store import moments, queries, summaries
from appliance.store.database import Reading

_WEEKDAYS = (
    ("monday", "mon", "월요일"), ("tuesday", "tue", "화요일"), ("wednesday", "wed", "수요일"),
    ("thursday", "thu", "목요일"), ("friday", "fri", "금요일"), ("saturday", "sat", "토요일"),
    ("sunday", "sun", "일요일"),
)  # fmt: skip
_DAYS_BACK = {"today": 0, "오늘": 0, "yesterday": 1, "어제": 1, "그저께": 2, "그제": 2}
_UNITS = {
    "minute": timedelta(minutes=1), "분": timedelta(minutes=1),
    "hour": timedelta(hours=1), "시간": timedelta(hours=1),
    "day": timedelta(days=1), "일": timedelta(days=1),
    "week": timedelta(weeks=1), "주": timedelta(weeks=1), "주일": timedelta(weeks=1),
}  # fmt: skip
_NUMBERED = re.compile(r"seq-(\d{1,18})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_AGO = re.compile(r"(\d{1,4}) ?(minute|hour|day|week)s? ago")
_AGO_KOREAN = re.compile(r"(\d{1,4}) ?(분|시간|일|주일|주) ?전")
_CLOCK = re.compile(r"(?:at )?(\d{1,2}):(\d\d)(?::(\d\d))?")
_CLOCK_KOREAN = re.compile(r"(오전 |오후 )?(\d{1,2})시(?: ?(\d{1,2})분)?")


def read_moment(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the aware UTC moment that `text` means; WrongCall when it means none."""
    said = " ".join(text.split()).lower()
    try:
        moment = _absolute(said, zone) or _relative(said, zone, now)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise errors.WrongCall(
            errors.said(
                '"%(text)s" is no moment; examples are "2026-11-17", "2026-11-17 14:00", "yesterday 14:00",'
                ' "last tuesday", "3 days ago".',
                text=text,
            )
        )
    return moment.astimezone(UTC)


def spell_moment(moment: datetime) -> str:
    """Return the spelling in addresses, `20261120T140000Z`: no colons, for Windows and davfs2 (protocol F2)."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def seq_of(reading: Reading, text: str, *, zone: ZoneInfo, now: datetime) -> int:
    """Return the state that a moment, or `seq-1234`, names; WrongCall, NotFound."""
    numbered = _NUMBERED.fullmatch(text.strip())
    if numbered is not None:
        if not 0 < int(numbered[1]) <= queries.newest_seq(reading):
            raise errors.NotFound(errors.said("There is no %(moment)s in the ledger.", moment=text.strip()))
        return int(numbered[1])
    return moments.seq_at(reading, read_moment(text, zone=zone, now=now), now=now)


def written_until(reading: Reading, text: str, seq: int, *, zone: ZoneInfo, now: datetime) -> int:
    """Return the moment that a text names, microseconds since 1970; of `seq-1234` when that row was written."""
    if _NUMBERED.fullmatch(text.strip()) is not None:
        return summaries.times_of(reading, [seq]).get(seq, 0)
    return to_micros(read_moment(text, zone=zone, now=now))


def _absolute(said: str, zone: ZoneInfo) -> datetime | None:
    compact = _COMPACT.fullmatch(said.upper())
    if compact is not None:
        year, month, day, hour, minute, second = map(int, compact.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if not re.match(r"\d{4}-?\d\d-?\d\d", said):
        return None
    read = datetime.fromisoformat(said.upper().replace(" ", "T", 1))
    return read if read.tzinfo is not None else _local(read, zone)


def _relative(said: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    if said in ("now", "지금"):
        return now
    ago = _AGO.fullmatch(said) or _AGO_KOREAN.fullmatch(said)
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    today = now.astimezone(zone).date()
    word, _, rest = said.partition(" ")
    if word in ("last", "지난") and rest:
        word, _, rest = rest.partition(" ")
    day = _day(word, today)
    if day is None:
        clock = _clock(said)
        return None if clock is None else _local(datetime.combine(today, clock), zone)
    clock = _clock(rest) if rest else time()
    return None if clock is None else _local(datetime.combine(day, clock), zone)


def _day(word: str, today: date) -> date | None:
    """Return the day of "yesterday" or of a weekday: the last one before today."""
    if word in _DAYS_BACK:
        return today - timedelta(days=_DAYS_BACK[word])
    for number, names in enumerate(_WEEKDAYS):
        if word in names:
            return today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
    return None


def _clock(said: str) -> time | None:
    plain = _CLOCK.fullmatch(said)
    if plain is not None:
        return time(int(plain[1]), int(plain[2]), int(plain[3] or 0))
    korean = _CLOCK_KOREAN.fullmatch(said)
    if korean is None:
        return None
    hour = int(korean[2])
    if korean[1] is not None and hour <= 12:
        hour = hour % 12 + (12 if korean[1] == "오후 " else 0)
    return time(hour, int(korean[3] or 0))


def _local(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return a local time: the first of two, the instant after a gap."""
    moment = wall.replace(tzinfo=zone, fold=0)
    back = moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back == wall:
        return moment
    # In a gap: the offset before it was taken, which lands after the gap by what the wall clock lies inside it.
    before = wall.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    low, high = wall - before, wall - after
    low, high = min(low, high), max(low, high)
    while high - low > timedelta(microseconds=1):  # the transition itself, by halving
        middle = low + (high - low) / 2
        if (
            middle.replace(tzinfo=UTC).astimezone(zone).utcoffset()
            == low.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        ):
            low = middle
        else:
            high = middle
    return high.replace(tzinfo=UTC)
