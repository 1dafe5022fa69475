"""Who is signed in to the pages: tokens, how long they last, what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import errors
from appliance.household import devices, people, sessions
from appliance.household.passwords import Passwords
from appliance.household.people import Person
from appliance.household.sessions import Begun, Proven, Session, Visitor
from appliance.household.throttle import Throttle
from appliance.store.database import Database
from appliance.store.ledger import Author
from tests.household_room.conftest import House

SHELL = Author(1, 1)
KEY = bytes(range(32))


class Browser:
    """The browsers of one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.passwords = Passwords(house.database, Throttle(lambda: house.clock.seconds))

    def proven(self, person: Person, password: str = "a good password") -> Proven:
        return self.passwords.set(person, password, by=SHELL, at=self.house.clock.now())

    def begin(self, proven: Proven, *, agent: str = "Firefox", phone_id: int | None = None) -> Begun:
        return sessions.begin(
            self.house.database,
            proven,
            Visitor("192.0.2.7", agent),
            label="웹 페이지",
            at=self.house.clock.now(),
            phone_id=phone_id,
        )

    def current(self, token: str) -> Session | None:
        return sessions.current(self.house.database, token, at=self.house.clock.now())


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house)


@pytest.fixture
def mina(house: House, browser: Browser) -> Proven:
    return browser.proven(house.join("mina", "민아"))


def test_a_token_is_a_session_and_nothing_else_is(browser: Browser, mina: Proven) -> None:
    begun = browser.begin(mina)
    assert browser.current(begun.token) == begun.session
    assert begun.session.person == mina.person
    assert [browser.current(other) for other in ("", begun.token[:-1], begun.token + "x", "x" * 10_000, "\ud800")] == [
        None
    ] * 5


def test_only_a_hash_of_the_token_is_kept(browser: Browser, house: House, mina: Proven) -> None:
    begun = browser.begin(mina)
    house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert begun.token.encode() not in (house.settings.data / "gotgan.db").read_bytes()
    assert begun.token not in repr(begun)
    assert len(begun.token) >= 43  # 256 bits


def test_all_browsers_of_a_person_sign_as_one_device(browser: Browser, house: House, mina: Proven) -> None:
    first, second = browser.begin(mina), browser.begin(mina, agent="Safari")
    assert first.session.author == second.session.author
    device = devices.device(house.database.connection(), first.session.device_id)
    assert device is not None
    assert (device.person_id, device.kind, device.label) == (mina.person.id, "pages", "웹 페이지")
    hana = browser.begin(browser.proven(house.join("hana")))
    assert hana.session.device_id != first.session.device_id


def test_a_session_ends_30_days_after_it_was_last_used(browser: Browser, house: House, mina: Proven) -> None:
    token = browser.begin(mina).token
    for _ in range(4):
        house.clock.turn(timedelta(days=29))
        assert browser.current(token) is not None
    house.clock.turn(timedelta(days=30))
    assert browser.current(token) is None
    assert sessions.of_person(house.database.connection(), mina.person.id, at=house.clock.now()) == []
    house.clock.turn(timedelta(days=-60))  # the clock was wrong and was put right
    assert browser.current(token) is not None


def test_last_used_is_written_once_in_five_minutes(browser: Browser, house: House, mina: Proven) -> None:
    token = browser.begin(mina).token
    begun_at = house.clock.now()

    def written() -> timedelta:
        found = sessions.of_person(house.database.connection(), mina.person.id, at=house.clock.now())
        return found[0].seen_at - begun_at

    for minutes, seen in ((2, 0), (2, 0), (1, 5), (4, 5), (2, 11)):
        house.clock.turn(timedelta(minutes=minutes))
        browser.current(token)
        assert written() == timedelta(minutes=seen)
    house.clock.turn(timedelta(days=-2))
    browser.current(token)
    assert written() == timedelta(days=-2, minutes=11)


def test_a_disk_that_is_full_keeps_nobody_out(browser: Browser, house: House, mina: Proven) -> None:
    token = browser.begin(mina).token
    house.clock.turn(timedelta(hours=1))
    writer = house.database._writer
    now = writer.execute("SELECT max(seen_at) FROM session").fetchone()[0]
    writer.execute(f"CREATE INDEX growing ON session (iif(seen_at > {now}, hex(zeroblob(50000)), ''))")
    writer.execute(f"PRAGMA max_page_count = {writer.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(errors.DiskFull), house.database.write() as writing:
        writing.execute("UPDATE session SET seen_at = seen_at + 1")
    assert browser.current(token) is not None


def test_a_person_shut_out_is_out_at_once_and_has_to_sign_in_again(
    browser: Browser, house: House, mina: Proven
) -> None:
    begun = browser.begin(mina)
    other = Database(house.database.path)  # another process
    people.disable(other, "mina", at=house.clock.now())
    other.close()
    assert browser.current(begun.token) is None
    with pytest.raises(errors.NotSignedIn):
        browser.begin(mina)
    people.enable(house.database, "mina", at=house.clock.now())
    assert browser.current(begun.token) is None
    assert browser.current(browser.begin(mina).token) is not None


def test_one_session_is_ended_by_its_person_only(browser: Browser, house: House, mina: Proven) -> None:
    hana = browser.proven(house.join("hana"))
    first, second = browser.begin(mina), browser.begin(mina)
    assert not sessions.end(house.database, hana.person.id, first.session.id)
    assert sessions.end(house.database, mina.person.id, first.session.id)
    assert not sessions.end(house.database, mina.person.id, first.session.id)
    assert (browser.current(first.token), browser.current(second.token)) == (None, second.session)


def test_all_others_are_ended(browser: Browser, house: House, mina: Proven) -> None:
    hana = browser.begin(browser.proven(house.join("hana")))
    kept, *others = [browser.begin(mina) for _ in range(3)]
    ended = sessions.end_all(
        house.database, mina.person.id, by=kept.session.author, at=house.clock.now(), but=kept.session.id
    )
    assert ended == 2
    assert [browser.current(begun.token) for begun in others] == [None, None]
    assert browser.current(kept.token) is not None and browser.current(hana.token) is not None


def test_sessions_are_bounded(browser: Browser, house: House, mina: Proven) -> None:
    tokens = []
    for _ in range(sessions.MOST_EACH + 3):
        house.clock.turn(timedelta(seconds=1))
        tokens.append(browser.begin(mina).token)
    alive = [browser.current(token) is not None for token in tokens]
    assert alive == [False] * 3 + [True] * sessions.MOST_EACH
    assert len(sessions.of_person(house.database.connection(), mina.person.id, at=house.clock.now())) == 50


def test_a_dangerous_act_asks_again_after_ten_minutes(browser: Browser, house: House, mina: Proven) -> None:
    token = browser.begin(mina).token

    def confirmed() -> bool:
        found = browser.current(token)
        assert found is not None
        return found.is_confirmed(house.clock.now())

    assert confirmed()
    house.clock.turn(timedelta(minutes=10))
    assert not confirmed()
    session = browser.current(token)
    assert session is not None
    with pytest.raises(errors.NotSignedIn, match="somebody else"):
        sessions.confirm(house.database, session, browser.proven(house.join("hana")), at=house.clock.now())
    assert not confirmed()
    sessions.confirm(house.database, session, mina, at=house.clock.now())
    assert confirmed()
    house.clock.turn(timedelta(days=-1))  # a clock set back proves nothing
    assert not confirmed()


def test_a_browser_belongs_to_ones_own_phone_only(browser: Browser, house: House, mina: Proven) -> None:
    begun = browser.begin(mina)
    own = devices.add(house.database, KEY, mina.person, "Galaxy", at=house.clock.now()).device
    hanas = devices.add(house.database, KEY, house.join("hana"), "iPhone", at=house.clock.now()).device
    for foreign in (hanas.id, begun.session.device_id, 10_000):
        with pytest.raises(errors.NotPossible):
            sessions.belongs_to_phone(house.database, begun.session, foreign)
    sessions.belongs_to_phone(house.database, begun.session, own.id)
    found = browser.current(begun.token)
    assert found is not None and found.phone_id == own.id


def test_a_form_is_for_one_session(browser: Browser, mina: Proven) -> None:
    first, second = browser.begin(mina).token, browser.begin(mina).token
    form = sessions.form_token(first)
    assert sessions.form_token_fits(first, form)
    assert not sessions.form_token_fits(second, form)
    assert not any(sessions.form_token_fits(first, other) for other in ("", first, form[:-1], "\ud800"))
    assert first not in form


def test_how_the_pages_look_is_chosen_by_each(house: House, mina: Proven) -> None:
    assert (mina.person.language, mina.person.theme) == (None, None)
    people.choose(house.database, mina.person.id, language="en", theme="dark")
    found = people.person(house.database.connection(), mina.person.id)
    assert found is not None and (found.language, found.theme) == ("en", "dark")
    for language, theme in (("fr", None), (None, "pink"), ("", "light")):
        with pytest.raises(errors.WrongCall):
            people.choose(house.database, mina.person.id, language=language, theme=theme)
    people.choose(house.database, mina.person.id, language=None, theme=None)
    assert people.person(house.database.connection(), mina.person.id) == mina.person
