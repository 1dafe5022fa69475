"""A household's contacts, each written the way one of five clients writes it.

Same seed, same octets, whatever the count: contact number 7 is the same among 10 and among 10,000. Only well-formed
cards come from here; what is broken on purpose belongs into the tests that want it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.household import words
from tests.household.lines import escaped, photo, structured, uuid_of, written

PHOTO_SHARE = 0.04
GROUP_EVERY = 60


@dataclass(frozen=True)
class Contact:
    """One address object: the name a client gives it, its UID, the formatted name, and its octets."""

    name: str
    uid: str
    fn: str
    body: bytes


@dataclass(frozen=True)
class Person:
    """What a household knows of somebody, before a client has written it down."""

    uid: str
    family: str
    given: str
    fn: str
    mobile: str
    landline: str
    email: str
    organisation: tuple[str, str]
    job: str
    address: tuple[str, str, str, str, str, str]
    """street, city, region, code, country, ISO code"""
    born: date
    year_known: bool
    nickname: str
    note: str
    category: str
    photo: str
    changed: str


def contacts(count: int, seed: int = 1) -> Iterator[Contact]:
    """Yield `count` contacts: mostly Korean people, every sixtieth an Apple group of those before it."""
    for number in range(count):
        if number % GROUP_EVERY == GROUP_EVERY - 1:
            yield _group(number, seed)
        else:
            yield _contact(number, seed)


def uid_of(number: int, seed: int) -> str:
    """Return the UID of contact `number`, in lower case."""
    return uuid_of(random.Random(f"contact uid {seed} {number}"))


def _contact(number: int, seed: int) -> Contact:
    chance = random.Random(f"contact {seed} {number}")
    person = _person(chance, uid_of(number, seed))
    style = chance.choices(tuple(STYLES), weights=tuple(weight for weight, _ in STYLES.values()))[0]
    uid, name, lines = STYLES[style][1](person, chance)
    return Contact(name=name, uid=uid, fn=person.fn, body=written(lines))


# --- who ---------------------------------------------------------------------------------------------


def _person(chance: random.Random, uid: str) -> Person:
    family, given, fn = _named(chance)
    born = date(1935, 1, 1) + timedelta(days=chance.randrange(32_000))
    digits = chance.randrange(10_000_000, 99_999_999)
    return Person(
        uid=uid,
        family=family,
        given=given,
        fn=fn,
        mobile=_mobile(chance, digits),
        landline=f"02-{digits % 900 + 100}-{digits // 7 % 9000 + 1000}" if chance.random() < 0.3 else "",
        email=f"user{digits}@{chance.choice(('example.com', 'naver.example', 'mail.example.org'))}",
        organisation=chance.choice(words.ORGANISATIONS) if chance.random() < 0.4 else ("", ""),
        job=chance.choice(words.JOBS),
        address=_address(chance),
        born=born,
        year_known=chance.random() < 0.7,
        nickname=chance.choice(words.NICKNAMES) if chance.random() < 0.15 else "",
        note=_note(chance),
        category=chance.choice(words.CATEGORIES) if chance.random() < 0.3 else "",
        photo=photo(chance) if chance.random() < PHOTO_SHARE else "",
        changed=f"2026-{chance.randint(1, 11):02d}-{chance.randint(1, 22):02d}T{chance.randint(0, 23):02d}:15:00Z",
    )


def _named(chance: random.Random) -> tuple[str, str, str]:
    """Return family name, given name and formatted name in one of seven scripts."""
    draw = chance.random()
    if draw < 0.58:
        family, given = chance.choice(words.KOREAN_FAMILY), chance.choice(words.KOREAN_GIVEN)
        return family, given, f"{family}{given}" if chance.random() < 0.7 else f"{family} {given}"
    if draw < 0.74:
        family, given = chance.choice(words.LATIN_FAMILY), chance.choice(words.LATIN_GIVEN)
        return family, given, f"{given} {family}"
    if draw < 0.80:
        family, given = chance.choice(words.HAN_FAMILY), chance.choice(words.HAN_GIVEN)
        return family, given, f"{family}{given}"
    if draw < 0.87:
        family, given = chance.choice(words.KANA_FAMILY), chance.choice(words.KANA_GIVEN)
        return family, given, f"{family} {given}"
    if draw < 0.92:
        family, given = chance.choice(words.CYRILLIC_FAMILY), chance.choice(words.CYRILLIC_GIVEN)
        return family, given, f"{given} {family}"
    if draw < 0.96:
        family, given = chance.choice(words.ARABIC_FAMILY), chance.choice(words.ARABIC_GIVEN)
        return family, given, f"{given} {family}"
    given = f"{chance.choice(words.NICKNAMES)} {chance.choice(words.EMOJI)}"
    return "", given, given


def _mobile(chance: random.Random, digits: int) -> str:
    middle, end = digits // 10_000 % 10_000, digits % 10_000
    style = chance.randrange(4)
    if style == 0:
        return f"010-{middle:04d}-{end:04d}"
    if style == 1:
        return f"+82 10-{middle:04d}-{end:04d}"
    if style == 2:
        return f"010{middle:04d}{end:04d}"
    return f"+49 (0)151 {digits}"


def _address(chance: random.Random) -> tuple[str, str, str, str, str, str]:
    if chance.random() < 0.55:
        return ("", "", "", "", "", "")
    if chance.random() < 0.75:
        city, region, code = chance.choice(words.KOREAN_CITIES)
        return (chance.choice(words.KOREAN_STREETS), city, region, code, "대한민국", "kr")
    return chance.choice(words.OTHER_PLACES)


def _note(chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.7:
        return ""
    sentences = 2 if draw < 0.95 else chance.randint(10, 40)
    return "\n".join(chance.choice(words.SENTENCES) for _ in range(sentences))


# --- as whom -----------------------------------------------------------------------------------------

Card = tuple[str, str, list[str]]
"""UID, name of the member, content lines."""


def _apple(person: Person, chance: random.Random) -> Card:
    """Write a card as iOS and macOS do: `itemN.` groups with labels, `type=` parameters, the year 1604 for none."""
    uid = person.uid.upper()
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"PRODID:-//Apple Inc.//{chance.choice(APPLE_SYSTEMS)}//EN"]
    lines += [f"N:{structured((person.family, person.given, '', '', ''))}", f"FN:{escaped(person.fn)}"]
    lines += _unless_empty("NICKNAME", person.nickname) + _organisation(person)
    item = 1
    lines.append(f"EMAIL;type=INTERNET;type=HOME;type=pref:{person.email}")
    lines.append(f"TEL;type=CELL;type=VOICE;type=pref:{person.mobile}")
    if person.landline:
        lines += [f"item{item}.TEL:{person.landline}", f"item{item}.X-ABLabel:{chance.choice(words.APPLE_LABELS)}"]
        item += 1
    if person.address[0]:
        lines += [
            f"item{item}.ADR;type=HOME;type=pref:{_address_value(person)}",
            f"item{item}.X-ABADR:{person.address[5]}",
        ]
        item += 1
    if chance.random() < 0.1:
        lines += [f"item{item}.X-ABRELATEDNAMES;type=pref:{escaped(chance.choice(words.NICKNAMES))}"]
        lines += [f"item{item}.X-ABLabel:{chance.choice(words.RELATIONS)}"]
        item += 1
    if chance.random() < 0.1:
        lines += [f"item{item}.X-ABDATE;type=pref:2009-05-{chance.randint(1, 28):02d}"]
        lines += [f"item{item}.X-ABLabel:_$!<Anniversary>!$_"]
    lines += _unless_empty("NOTE", person.note) + _apple_birthday(person, chance)
    if person.photo:
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{person.photo}")
    lines += _unless_empty("CATEGORIES", person.category)
    lines += [f"UID:{uid}", f"REV:{person.changed}", "END:VCARD"]
    return uid, f"{uid}.vcf", lines


def _davx5(person: Person, chance: random.Random) -> Card:
    """Write a card as DAVx5 does with ez-vcard: upper-case TYPE lists, `davdroidN.` groups, basic REV."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", "PRODID:DAVx5/4.4.9-ose ez-vcard/0.12.1", f"UID:{person.uid}"]
    lines += [f"FN:{escaped(person.fn)}", f"N:{structured((person.family, person.given, '', '', ''))}"]
    lines += _unless_empty("NICKNAME", person.nickname) + _organisation(person)
    lines.append(f"TEL;TYPE=cell:{person.mobile}")
    if person.landline:
        lines += [f"davdroid1.TEL:{person.landline}", "davdroid1.X-ABLABEL:시골집"]
    lines.append(f"EMAIL;TYPE=home,internet:{person.email}")
    if person.address[0]:
        lines.append(f"ADR;TYPE=home:{_address_value(person)}")
    lines += _unless_empty("NOTE", person.note) + _unless_empty("CATEGORIES", person.category)
    lines += _apple_birthday(person, chance)
    if chance.random() < 0.05:
        lines.append(f"X-PHONETIC-LAST-NAME:{escaped(person.family or '김')}")
    if person.photo:
        lines.append(f"PHOTO;ENCODING=B;TYPE=JPEG:{person.photo}")
    lines += [f"REV:{person.changed.replace('-', '').replace(':', '')}", "END:VCARD"]
    return person.uid, f"{person.uid}.vcf", lines


def _thunderbird(person: Person, chance: random.Random) -> Card:
    """Write a card as Thunderbird does: vCard 4.0, a `data:` picture, `--MMDD` for a birthday without a year."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"N:{structured((person.family, person.given, '', '', ''))}"]
    lines += [f"FN:{escaped(person.fn)}", f"EMAIL;PREF=1:{person.email}"]
    lines.append(f"TEL;TYPE=cell;VALUE=TEXT:{person.mobile}")
    if person.landline:
        lines.append(f"TEL;TYPE=home;VALUE=TEXT:{person.landline}")
    if person.address[0]:
        lines.append(f"ADR;TYPE=home:{_address_value(person)}")
    lines += _organisation(person) + _unless_empty("NOTE", person.note)
    if chance.random() < 0.4:
        born = person.born.strftime("%Y%m%d") if person.year_known else person.born.strftime("--%m%d")
        lines.append(f"BDAY;VALUE=DATE:{born}")
    if person.photo:
        lines.append(f"PHOTO;VALUE=URI:data:image/jpeg;base64,{person.photo}")
    lines += [f"UID:{person.uid}", "END:VCARD"]
    return person.uid, f"{person.uid}.vcf", lines


def _evolution(person: Person, chance: random.Random) -> Card:
    """Write a card as Evolution does: UI slots, quoted TYPE lists, `pas-id` names."""
    uid = f"pas-id-{person.uid.replace('-', '')[:26].upper()}"
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"EMAIL;TYPE=HOME;X-EVOLUTION-UI-SLOT=1:{person.email}"]
    lines.append(f'TEL;TYPE="CELL,VOICE";X-EVOLUTION-UI-SLOT=1:{person.mobile}')
    lines += [f"FN:{escaped(person.fn)}", f"N:{structured((person.family, person.given, '', '', ''))}"]
    lines.append(f"X-EVOLUTION-FILE-AS:{escaped(f'{person.family}, {person.given}')}")
    lines += ["X-MOZILLA-HTML:FALSE", *_organisation(person), *_unless_empty("NICKNAME", person.nickname)]
    if person.address[0]:
        lines.append(f"ADR;TYPE=HOME:{_address_value(person)}")
    lines += _unless_empty("NOTE", person.note) + _unless_empty("CATEGORIES", person.category)
    if person.year_known and chance.random() < 0.4:
        lines.append(f"BDAY;VALUE=DATE:{person.born.isoformat()}")
    if person.photo:
        lines.append(f'PHOTO;ENCODING=b;TYPE="X-EVOLUTION-UNKNOWN":{person.photo}')
    lines += [f"REV:{person.changed}(1)", f"UID:{uid}", "END:VCARD"]
    return uid, f"{uid}.vcf", lines


def _google(person: Person, chance: random.Random) -> Card:
    """Write a card as an export of Google's contacts, with the UID that an import gives it."""
    uid = person.uid.replace("-", "")[:16]
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{escaped(person.fn)}"]
    lines.append(f"N:{structured((person.family, person.given, '', '', ''))}")
    lines += [f"EMAIL;TYPE=INTERNET;TYPE=HOME:{person.email}", f"TEL;TYPE=CELL:{person.mobile}"]
    if person.address[0]:
        lines += [f"item1.ADR:{_address_value(person)}", "item1.X-ABLabel:집"]
    lines += _organisation(person)
    if chance.random() < 0.3:
        born = person.born.strftime("%Y%m%d") if person.year_known else person.born.strftime("--%m%d")
        lines.append(f"BDAY:{born}")
    if person.photo:
        lines.append(f"PHOTO:https://lh3.example.com/contacts/{uid}")
    lines += _unless_empty("NOTE", person.note)
    lines += [f"CATEGORIES:{','.join(filter(None, ('myContacts', escaped(person.category))))}"]
    lines += [f"UID:{uid}", "END:VCARD"]
    return uid, f"{uid}.vcf", lines


def _group(number: int, seed: int) -> Contact:
    """Return an Apple group of some of the contacts before it: members by the UIDs those cards have."""
    chance = random.Random(f"contact {seed} {number}")
    uid = uid_of(number, seed).upper()
    title = f"{chance.choice(words.GROUPS)} {number // GROUP_EVERY + 1}"
    lines = ["BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Apple Inc.//macOS 15.1//EN"]
    lines += [f"N:{escaped(title)}", f"FN:{escaped(title)}", "X-ADDRESSBOOKSERVER-KIND:group"]
    members = chance.sample(range(number - GROUP_EVERY + 1, number), chance.randint(2, 20))
    lines += [f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{_contact(member, seed).uid}" for member in members]
    lines += ["REV:2026-10-03T08:30:00Z", f"UID:{uid}", "END:VCARD"]
    return Contact(name=f"{uid}.vcf", uid=uid, fn=title, body=written(lines))


APPLE_SYSTEMS = ("iOS 18.1", "iOS 16.7.2", "macOS 15.1", "Mac OS X 10.15.7")
STYLES: dict[str, tuple[int, Callable[[Person, random.Random], Card]]] = {
    "apple": (38, _apple),
    "davx5": (28, _davx5),
    "thunderbird": (14, _thunderbird),
    "evolution": (8, _evolution),
    "google": (12, _google),
}


def _unless_empty(prop: str, text: str) -> list[str]:
    return [f"{prop}:{escaped(text)}"] if text else []


def _organisation(person: Person) -> list[str]:
    company, unit = person.organisation
    lines = [f"ORG:{structured((company, unit))}"] if company else []
    return lines + _unless_empty("TITLE", person.job)


def _address_value(person: Person) -> str:
    street, city, region, code, country, _ = person.address
    return structured(("", "", street, city, region, code, country))


def _apple_birthday(person: Person, chance: random.Random) -> list[str]:
    if chance.random() > 0.4:
        return []
    if person.year_known:
        return [f"BDAY;VALUE=date:{person.born.isoformat()}"]
    born = person.born.strftime("%m-%d")
    return [f"BDAY;X-APPLE-OMIT-YEAR=1604;VALUE=date:1604-{born}"]
