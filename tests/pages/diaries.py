"""A family's calendars for a month: what repeats, what takes days, tasks, what was deleted and by whom.

Days are counted from the first of the month that the clock of the test is in. Everything goes through the DAV door.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.pages.family import Family, Phone

SEOUL = ZoneInfo("Asia/Seoul")
HOME = "calendars/mina/calendar"
TASKS = "calendars/mina/tasks"
OLD = "calendars/mina/choir"


def thing(uid: str, title: str, *lines: str, kind: str = "VEVENT", inner: str = "", others: str = "") -> str:
    """Return an object with these lines."""
    said = "".join(f"{line}\r\n" for line in lines)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\n"
        f"DTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\n{said}{inner}END:{kind}\r\n{others}END:VCALENDAR\r\n"
    )


def days(first: datetime, length: int = 1) -> tuple[str, str]:
    """Return the lines of some whole days."""
    return f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{first + timedelta(days=length):%Y%m%d}"


def hours(start: datetime, length: float = 1) -> tuple[str, str]:
    """Return the lines of some hours, in Seoul's time."""
    end = start + timedelta(hours=length)
    return f"DTSTART;TZID=Asia/Seoul:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID=Asia/Seoul:{end:%Y%m%dT%H%M%S}"


def fill(family: Family, month: datetime) -> Phone:
    """Write the calendars of a month that begins at `month`, and return Mina's phone."""
    phone = family.phone("mina", "Mina’s Galaxy")
    tablet = family.phone("mina", "Mina’s iPhone")

    def on(day: int, hour: float = 0) -> datetime:
        return month + timedelta(days=day - 1, hours=hour)

    phone.put(f"{HOME}/kimjang.ics", thing("kimjang", "김장, 할머니 댁", *days(on(13), 4), "LOCATION:할머니 댁"))
    phone.put(f"{HOME}/dentist.ics", thing("dentist", "치과", *hours(on(24, 9.5), 0.5), "LOCATION:튼튼치과 3층"))
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
    guests = (
        "ORGANIZER;CN=민아:mailto:mina@example.org", "ATTENDEE;CN=재호;PARTSTAT=ACCEPTED:mailto:dad@example.org",
        "ATTENDEE;CN=하준;PARTSTAT=NEEDS-ACTION:mailto:hajun@example.org",
    )  # fmt: skip
    rule = "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE"
    lines = (*hours(on(2, 18.5)), rule, "LOCATION:음악실", "DESCRIPTION:활과 송진\\n악보는 파란 가방", "X-COLOR-HINT:7")
    phone.put(f"{HOME}/violin.ics", thing("violin", "바이올린", *lines, *guests, inner=alarm))
    phone.put(f"{HOME}/birthday.ics", thing("birthday", "하준 생일", *days(on(24)), "RRULE:FREQ=YEARLY"))
    phone.put(f"{HOME}/dinner.ics", thing("dinner", "온 식구 저녁", *hours(on(24, 19), 2)))
    phone.put(f"{HOME}/off.ics", thing("off", "소풍", *days(on(20)), "STATUS:CANCELLED"))
    for number in range(7):
        phone.put(
            f"{HOME}/busy{number}.ics", thing(f"busy{number}", f"상담 {number + 1}", *hours(on(18, 9 + number), 0.5))
        )
    phone.put(f"{HOME}/hall.ics", thing("hall", "학부모 모임", *hours(on(24, 16)), "LOCATION:강당"))
    tablet.delete(f"{HOME}/hall.ics")
    due = f"DUE;VALUE=DATE:{on(24):%Y%m%d}"
    phone.put(f"{TASKS}/bill.ics", thing("bill", "전기 요금", due, kind="VTODO"))
    phone.put(f"{TASKS}/jars.ics", thing("jars", "항아리 닦기", due, "STATUS:COMPLETED", kind="VTODO"))
    phone.put(f"{TASKS}/paint.ics", thing("paint", "대문 칠하기", kind="VTODO"))
    assert phone.ask("MKCALENDAR", OLD, _named("합창단")) == 201
    for number in range(3):
        phone.put(f"{OLD}/{number}.ics", thing(f"choir{number}", "합창 연습", *hours(on(5 + 7 * number, 20))))
    tablet.delete(OLD)
    family.phone("dad", "Dad’s iPhone").put(
        "calendars/dad/calendar/secret.ics", thing("secret", "깜짝 선물", *hours(on(24, 12)))
    )
    return phone


def _named(name: str) -> bytes:
    return (
        '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        f"<D:displayname>{name}</D:displayname></D:prop></D:set></C:mkcalendar>"
    ).encode()
