"""Some weeks in the life of the family: what its pages look like when there is something on them.

Contacts, events and files that come and change; a burst of deletions by Dad's iPhone with later edits by somebody else;
an edit that lost, a calendar that was removed, a folder of pictures and text. Refuses chance: it is always the same.
"""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from pathlib import Path

from tests.pages.family import Family, Phone, card, event

NAMES = (
    "강나루", "고은별", "권태양", "김철수", "남궁하늘별", "노을", "도담", "류서진", "문가람", "박하늘 엄마", "배수지",
    "백두산", "서은우", "성하린", "송이", "신나라", "안단테", "엄지", "오로라", "유채꽃", "윤슬", "이모", "임금님",
    "장독대", "전우치", "정다운", "조약돌", "차분한", "최고은", "하루", "한결", "허브", "홍길동", "황금빛", "Anna Berg",
    "Dr. Kim’s practice", "Grandmother", "Piano teacher", "School office", "Zimmermann",
)  # fmt: skip
BOOK, FAMILY = "addressbooks/mina/contacts", "addressbooks/mina/family"
HOME = "files/mina"


def live(data: Path, *, language: str = "en") -> Family:
    """Return the family after some weeks; the caller closes it and starts a server on the data."""
    family = Family(data, days_ago=35, language=language)
    galaxy, tablet = family.phone("mina", "Mina’s Galaxy"), family.phone("hajun", "Hajun’s Galaxy Tab")
    iphone = family.phone("dad", "Dad’s iPhone")
    _come(family, galaxy)
    _change(family, galaxy)
    _go(family, galaxy, iphone, tablet)
    return family


def _come(family: Family, galaxy: Phone) -> None:
    for number, name in enumerate(NAMES):
        lines = {"tel": f"010-{2000 + number * 7}-{1000 + number * 13}"}
        galaxy.put(f"{BOOK}/{number}.vcf", card(f"c{number}", name, **lines))
        family.clock.forward(minutes=3)
    first = family.clock.at.replace(hour=1, minute=0, second=0, microsecond=0)
    for number, title in enumerate(
        ("Piano lesson", "치과", "학부모 모임", "Grandmother’s birthday", "Dinner with 이모")
    ):
        for week in range(0, 8, 1 + number % 3):
            start = first + timedelta(days=7 * week + number, hours=number * 2)
            galaxy.put(f"calendars/mina/calendar/{number}-{week}.ics", event(f"e{number}-{week}", title, start))
    galaxy.ask("MKCOL", f"{HOME}/Photos")
    galaxy.ask("MKCOL", f"{HOME}/School")
    for number in range(6):
        galaxy.put(f"{HOME}/Photos/2026-10-{number + 10}.png", picture(number))
    galaxy.put(f"{HOME}/School/essay.txt", "The storehouse\n\nA full storehouse makes a generous house.\n")
    galaxy.put(f"{HOME}/현관 비밀번호.txt", "4711\n")
    family.clock.forward(days=9)


def _change(family: Family, galaxy: Phone) -> None:
    galaxy.put(f"{BOOK}/3.vcf", card("c3", "김철수", tel="010-9876-5432", note="마포, 3층", org="한빛"))
    family.clock.forward(days=3)
    galaxy.put(f"{BOOK}/3.vcf", card("c3", "김철수", tel="010-2222-1111", note="마포, 3층"))
    galaxy.put(
        f"{HOME}/School/essay.txt", "The storehouse\n\nA full storehouse makes a generous house.\nAnd a loud one.\n"
    )
    galaxy.put(f"{HOME}/Photos/2026-10-11.png", picture(40))
    family.clock.forward(days=5)
    galaxy.ask("MKCALENDAR", "calendars/mina/football")
    galaxy.put("calendars/mina/football/1.ics", event("f1", "Football", family.clock.at + timedelta(days=9)))
    family.clock.forward(days=6)
    galaxy.delete("calendars/mina/football/")
    galaxy.delete(f"{HOME}/Photos/2026-10-14.png")
    galaxy.delete(f"{BOOK}/7.vcf")
    family.clock.forward(days=4)


def _go(family: Family, galaxy: Phone, iphone: Phone, tablet: Phone) -> None:
    for number in range(60):
        iphone.put(
            f"addressbooks/dad/family/{number}.vcf", card(f"s{number}", f"반 친구 {number + 1}", tel=f"02-{number}")
        )
        family.clock.forward(seconds=20)
    family.clock.forward(days=6)
    for number in range(57):
        iphone.delete(f"addressbooks/dad/family/{number}.vcf")
        family.clock.forward(seconds=1)
    family.clock.forward(hours=2)
    galaxy.put("addressbooks/mina/family/12.vcf", card("s12", "반 친구 13", tel="02-12", note="다시 넣음"))
    stale = tablet.ask(
        "PUT", "addressbooks/hajun/family/58.vcf", card("s58", "반 친구 59", note="현관 4711").encode(),
        {"if-match": '"0-1"'},
    )  # fmt: skip
    assert stale in (412, 503), stale
    family.clock.forward(hours=1)


def picture(seed: int, *, size: int = 160) -> bytes:
    """Return a small PNG: bands of one colour that the seed chooses."""
    tones = [(40 + seed * 37) % 200, (90 + seed * 71) % 200, (140 + seed * 53) % 200]
    rows = b"".join(
        b"\0" + bytes(min(255, tone + (row * 55) // size) for _ in range(size) for tone in tones)
        for row in range(size)
    )  # fmt: skip
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(octets)) + kind + octets + struct.pack(">I", zlib.crc32(kind + octets))
        for kind, octets in chunks
    )
