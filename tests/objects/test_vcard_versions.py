"""Fields that are taken from a card of one version into a card of another: said in its words, or refused."""

from __future__ import annotations

import random

import pytest

from appliance import errors
from appliance.objects.differences import differences
from appliance.objects.fields import fields
from appliance.objects.merging import merge, take_field
from tests.household import contacts
from tests.objects.odd import card

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
BOTH_WAYS: dict[str, tuple[str, list[str], list[str]]] = {  # key, in 3.0, in 4.0
    "a plain number": ("tel:1", ["TEL;TYPE=home:1"], ["TEL;TYPE=home:1"]),
    "the preferred number": ("tel:1", ["TEL;TYPE=home,pref:1"], ["TEL;TYPE=home;PREF=1:1"]),
    "a mail address": ("email:a@b", ["EMAIL:a@b"], ["EMAIL:a@b"]),
    "a photo": (
        "photo", [f"PHOTO;TYPE=PNG;ENCODING=b:{PIXEL[:40]}"],
        [f"PHOTO:data:image/png;base64,{PIXEL[:40]}"],
    ),
    "a photo elsewhere": ("photo", ["PHOTO;VALUE=uri:https://a.example/b.png"], ["PHOTO;VALUE=uri:https://a.example/b.png"]),
    "a group": ("kind", ["X-ADDRESSBOOKSERVER-KIND:group"], ["KIND:group"]),
    "a member": ("member:urn:uuid:2", ["X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2"], ["MEMBER:urn:uuid:2"]),
    "a birthday": ("bday", ["BDAY:20090501"], ["BDAY:20090501"]),
    "a label": (
        "tel:1", ["item1.TEL;TYPE=pref:1", "item1.X-ABLabel:boat"], ["item1.TEL;PREF=1:1", "item1.X-ABLabel:boat"],
    ),
    "a category": ("categories:a, b", ["CATEGORIES:a\\, b"], ["CATEGORIES:a\\, b"]),
    "what nobody knows": ("x-odd:y", ["X-ODD;X-P=q:y"], ["X-ODD;X-P=q:y"]),
}  # fmt: skip
INTO_3: dict[str, tuple[str, str, str]] = {
    "a number as an address": ("tel:+82101", "TEL;VALUE=uri;TYPE=cell:tel:+82-10-1", "TEL;TYPE=cell:+82-10-1"),
    "types in quotes": ("tel:1", 'TEL;TYPE="voice,home":1', "TEL;TYPE=voice,home:1"),
    "a text that says it is one": ("note", "NOTE;VALUE=text:n", "NOTE:n"),
    "a photo elsewhere": ("photo", "PHOTO:https://a.example/b.png", "PHOTO;VALUE=uri:https://a.example/b.png"),
}
INTO_4: dict[str, tuple[str, str, str]] = {
    "a birthday with dashes": ("bday", "BDAY;VALUE=date:2009-05-01", "BDAY;VALUE=date:20090501"),
    "a birthday without a year": (
        "bday", "BDAY;X-APPLE-OMIT-YEAR=1604;VALUE=date:1604-05-01", "BDAY;VALUE=date:--0501",
    ),
    "a mail address of the internet": ("email:a@b", "EMAIL;TYPE=INTERNET,pref:a@b", "EMAIL;PREF=1:a@b"),
    "a photo that does not say its format": (
        "photo", "PHOTO;ENCODING=B:iVBORw0KGgoAAAA", "PHOTO:data:image/png;base64,iVBORw0KGgoAAAA",
    ),
}  # fmt: skip
REFUSED_IN_3 = {
    "an extension": "TEL;VALUE=uri:tel:1;ext=5",
    "a second choice": "TEL;PREF=2:1",
    "one of two spellings": "NICKNAME;ALTID=1:y",
    "an anniversary": "ANNIVERSARY:20090501",
    "a gender": "GENDER:M",
    "a birthday without a year": "BDAY:--0501",
    "a place": "GEO:geo:37.5,127.0",
    "a way to sort": "N;SORT-AS=a:A;B;;;",
}
REFUSED_IN_4 = {
    "a label of an address": "LABEL:a",
    "a way to sort": "SORT-STRING:a",
    "a sound": "SOUND;ENCODING=b;TYPE=BASIC:AAAA",
    "a photo of an unknown format": "PHOTO;ENCODING=b:AAAA",
    "a place": "GEO:37.5;127.0",
}


@pytest.mark.parametrize(("key", "three", "four"), BOTH_WAYS.values(), ids=list(BOTH_WAYS))
def test_a_field_is_said_in_the_words_of_the_version_that_stays(key: str, three: list[str], four: list[str]) -> None:
    assert take_field("card", card(), card(*four, version="4.0"), key) == card(*three)
    assert take_field("card", card(version="4.0"), card(*three), key) == card(*four, version="4.0")


@pytest.mark.parametrize(("key", "four", "three"), INTO_3.values(), ids=list(INTO_3))
def test_a_field_of_4_is_said_in_3(key: str, four: str, three: str) -> None:
    assert take_field("card", card(), card(four, version="4.0"), key) == card(three)


@pytest.mark.parametrize(("key", "three", "four"), INTO_4.values(), ids=list(INTO_4))
def test_a_field_of_3_is_said_in_4(key: str, three: str, four: str) -> None:
    assert take_field("card", card(version="4.0"), card(three), key) == card(four, version="4.0")


@pytest.mark.parametrize(
    ("line", "ours", "theirs"),
    [(line, "3.0", "4.0") for line in REFUSED_IN_3.values()] + [(line, "4.0", "3.0") for line in REFUSED_IN_4.values()],
    ids=[*(f"{name} in 3.0" for name in REFUSED_IN_3), *(f"{name} in 4.0" for name in REFUSED_IN_4)],
)
def test_what_the_other_version_cannot_say_is_refused_and_a_conflict(line: str, ours: str, theirs: str) -> None:
    source = card(line, version=theirs)
    (difference,) = differences("card", card(version=theirs), source)
    with pytest.raises(errors.NotPossible, match="vCard"):
        take_field("card", card(version=ours), source, difference.key)
    merged = merge("card", card(version=theirs), card("X-MINE:1", version=ours), source)
    assert (merged.body, merged.conflicts) == (card("X-MINE:1", version=ours), (difference.key,))


def test_a_number_of_2_1_gets_the_names_of_its_parameters() -> None:
    assert take_field("card", card(), card("TEL;HOME;PREF:1", version="2.1"), "tel:1") == card(
        "TEL;TYPE=HOME;TYPE=PREF:1"
    )
    quoted = card("NOTE;ENCODING=QUOTED-PRINTABLE:=C3=A9", version="2.1")
    with pytest.raises(errors.NotPossible):
        take_field("card", card(), quoted, "note")


def test_a_long_photo_is_folded() -> None:
    source = card(f"PHOTO:data:image/png;base64,{PIXEL * 40}", version="4.0")
    taken = take_field("card", card(), source, "photo")
    assert differences("card", taken, source) == []
    assert max(map(len, taken.split(b"\r\n"))) <= 75


@pytest.mark.parametrize("seed", range(20))
def test_what_is_taken_across_versions_means_the_same(seed: int) -> None:
    chance = random.Random(seed)
    made = chance.choice([contact.body for contact in contacts(40, seed=seed)])
    is_4 = b"VERSION:4.0" in made
    onto = card(version="3.0" if is_4 else "4.0")
    refused = set()
    for each in fields("card", made):
        try:
            onto = take_field("card", onto, made, each.key)
        except errors.NotPossible:
            refused.add(each.key)
    assert {each.key for each in differences("card", onto, made)} == refused
    assert (b"VERSION:4.0" in onto) is not is_4
