"""What every collection promises, whatever its kind: address book, calendar, folder."""

from __future__ import annotations

import io
import threading
import unicodedata

import pytest

from appliance import errors, settings
from appliance.app import furnish
from appliance.clock import SystemClock
from appliance.dav.contracts import Conditions, PropertyChange, Upload
from tests.contract.conftest import ANNAS_TABLET, Shelf
from tests.serving import PATIENCE_SECONDS


def strong(etag: str | None) -> bool:
    return etag is not None and etag.startswith('"') and etag.endswith('"')


# --- PUT and GET ------------------------------------------------------------------------------------


def test_a_put_creates_and_replaces_with_a_new_strong_etag(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    assert first.created and strong(first.etag)
    assert first.address == (*shelf.kind.address, shelf.name("one"))
    second = shelf.put("one", "second")
    assert not second.created and strong(second.etag)
    assert second.etag != first.etag
    assert shelf.listing() == {shelf.name("one"): second.etag}


def test_what_was_sent_is_what_others_get(shelf: Shelf) -> None:
    written = shelf.put("one", "가족 – “quoted”")
    assert shelf.by(ANNAS_TABLET).read("one") == (written.etag, shelf.body("one", "가족 – “quoted”"))


def test_the_same_octets_keep_etag_and_token(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    token = shelf.token
    again = shelf.by(ANNAS_TABLET).put("one", "first")
    assert (again.created, again.etag) == (False, first.etag)
    assert shelf.token == token


def test_octets_that_come_back_have_another_etag(shelf: Shelf) -> None:
    """Else a phone that saw the first ones would take what was changed and changed back for its own."""
    first = shelf.put("one", "first")
    shelf.put("one", "second")
    assert shelf.put("one", "first").etag != first.etag


def test_an_etag_that_is_known_is_not_sent_again(shelf: Shelf) -> None:
    written = shelf.put("one", "first")
    with pytest.raises(errors.NotModified):
        shelf.read("one", if_none_match=written.etag)
    assert shelf.read("one", if_none_match='"another"')[0] == written.etag


def test_a_name_is_found_in_its_other_form(shelf: Shelf) -> None:
    decomposed = unicodedata.normalize("NFD", "가족")
    shelf.put("가족", "first")
    assert shelf.read(decomposed)[1] == shelf.body("가족", "first")
    body = shelf.body("가족", "second")
    replaced = shelf.collection().put(shelf.name(decomposed), Upload(io.BytesIO(body), len(body)), Conditions())
    assert not replaced.created
    assert list(shelf.listing()) == [shelf.name("가족")]


# --- conditions -------------------------------------------------------------------------------------


def test_if_match_lets_only_the_newest_through(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    second = shelf.put("one", "second", if_match=first.etag)
    with pytest.raises(errors.PreconditionFailed):
        shelf.put("one", "third", if_match=first.etag)
    with pytest.raises(errors.PreconditionFailed):
        shelf.put("nothing", "first", if_match="*")
    assert shelf.read("one") == (second.etag, shelf.body("one", "second"))


def test_if_none_match_lets_only_new_names_through(shelf: Shelf) -> None:
    shelf.put("one", "first", if_none_match="*")
    with pytest.raises(errors.PreconditionFailed):
        shelf.put("one", "second", if_none_match="*")
    assert shelf.read("one")[1] == shelf.body("one", "first")


def test_a_conditional_delete_needs_the_newest(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    second = shelf.put("one", "second")
    with pytest.raises(errors.PreconditionFailed):
        shelf.delete("one", if_match=first.etag)
    shelf.delete("one", if_match=second.etag)
    assert shelf.listing() == {}


def test_of_two_writers_with_one_etag_exactly_one_wins(shelf: Shelf) -> None:
    etag = shelf.put("one", "first").etag
    start, outcomes = threading.Barrier(6), list[str]()

    def write(number: int) -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            outcomes.append(shelf.put("one", f"writer {number}", if_match=etag).etag)
        except errors.PreconditionFailed:
            outcomes.append("lost")
        finally:
            shelf.house.services.ledger.database.close_thread()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(outcome == "lost" for outcome in outcomes) == [False] + [True] * 5
    (winner,) = set(outcomes) - {"lost"}
    assert shelf.listing() == {shelf.name("one"): winner}


# --- sync (RFC 6578) --------------------------------------------------------------------------------


def test_changes_say_what_is_new_changed_and_gone(shelf: Shelf) -> None:
    for stem in ("stays", "changes", "goes"):
        shelf.put(stem, "first")
    token = shelf.token
    assert shelf.since(token) == (set(), set())
    shelf.put("comes", "first")
    shelf.put("changes", "second")
    shelf.delete("goes")
    assert shelf.since(token) == ({shelf.name("comes"), shelf.name("changes")}, {shelf.name("goes")})
    assert {one.address[-1]: one.etag for one in shelf.changes("").changed} == shelf.listing()
    assert shelf.since("")[1] == set()


def test_what_came_and_went_since_a_token_is_reported_as_gone(shelf: Shelf) -> None:
    shelf.put("first", "first")
    token = shelf.token
    shelf.put("short", "first")
    shelf.delete("short")
    assert shelf.since(token) == (set(), {shelf.name("short")})


def test_what_is_deleted_and_put_again_is_reported_as_changed(shelf: Shelf) -> None:
    shelf.put("one", "first")
    token = shelf.token
    shelf.delete("one")
    with pytest.raises(errors.NotFound):
        shelf.read("one")
    again = shelf.put("one", "first")
    assert again.created
    assert shelf.since(token) == ({shelf.name("one")}, set())


def test_pages_lose_nothing_while_others_write(shelf: Shelf) -> None:
    for number in range(9):
        shelf.put(f"n{number}", "first")
    seen, token, page = dict[str, str | None](), "", 0
    while True:
        answer = shelf.changes(token, limit=2)
        seen |= {one.address[-1]: one.etag for one in answer.changed}
        for href in answer.removed:
            seen.pop(href.rpartition("/")[2], None)
        token, page = answer.token, page + 1
        if not answer.truncated:
            break
        assert len(answer.changed) + len(answer.removed) == 2
        if page == 2:
            shelf.delete("n0")
            shelf.put("n1", "second")
            shelf.put("late", "first")
    assert seen == shelf.listing()
    assert token == shelf.token


def test_a_token_stays_put_while_others_change_and_at_a_restart(shelf: Shelf) -> None:
    shelf.put("one", "first")
    token = shelf.token
    shelf.put("two", "first", where=shelf.kind.beside)
    assert shelf.token == token
    services = shelf.house.services
    again = Shelf(furnish(settings.load(services.settings.data, {}), SystemClock()), shelf.anna, shelf.kind)
    assert again.token == token
    assert again.since(token) == (set(), set())
    again.house.services.ledger.database.close()


def test_every_token_ever_given_out_stays_readable(shelf: Shelf) -> None:
    states = [(shelf.token, shelf.listing())]
    for number in range(8):
        if number % 3 == 2:
            shelf.delete(f"n{number - 1}")
        else:
            shelf.put(f"n{number}", "first")
        states.append((shelf.token, shelf.listing()))
    for token, then in states:
        changed, gone = shelf.since(token)
        now = shelf.listing()
        assert {name: now[name] for name in changed} | {n: e for n, e in then.items() if n not in gone | changed} == now


@pytest.mark.parametrize(
    "token", ["6A9F5A5E-7D6E-4A0C-9B2B-0C6E2F1F8D11", "urn:gotgan:sync:1:abc", "everything", "data:,1"]
)
def test_a_token_that_nobody_gave_out_is_refused(shelf: Shelf, token: str) -> None:
    with pytest.raises(errors.UnreadableToken):
        shelf.changes(token)


def test_a_token_of_another_collection_is_refused(shelf: Shelf) -> None:
    other = shelf.collection(shelf.kind.beside).sync_token
    with pytest.raises(errors.UnreadableToken):
        shelf.changes(other)


def test_a_token_from_the_future_is_held_and_never_answered(shelf: Shelf) -> None:
    shelf.put("one", "first")
    head, _, seq = shelf.token.rpartition("-")
    with pytest.raises(errors.OnHold):
        shelf.changes(f"{head}-{int(seq) + 1000}")


def test_a_property_reports_no_member_and_moves_no_etag(shelf: Shelf) -> None:
    """RFC 6578 3.5.1."""
    written = shelf.put("one", "first")
    token = shelf.token
    value = '<x:mood xmlns:x="urn:x">good</x:mood>'
    shelf.member("one").patch([PropertyChange("{urn:x}mood", value)], Conditions())
    assert shelf.member("one").stored() == {"{urn:x}mood": value}
    assert shelf.member("one").etag == written.etag
    assert shelf.since(token) == (set(), set())


def test_a_dead_property_does_not_come_back_with_its_name(shelf: Shelf) -> None:
    """RFC 4918: what is put at a free address is new."""
    shelf.put("one", "first")
    shelf.member("one").patch([PropertyChange("{urn:x}mood", '<x:mood xmlns:x="urn:x"/>')], Conditions())
    shelf.delete("one")
    shelf.put("one", "second")
    assert shelf.member("one").stored() == {}


# --- refused edits (promise 5, protocol A7) ---------------------------------------------------------


def test_a_refused_edit_moves_no_token_and_is_kept_if_it_was_read(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    shelf.put("one", "second")
    token = shelf.token
    for _ in range(2):
        with pytest.raises(errors.PreconditionFailed):
            shelf.put("one", "my own", if_match=first.etag)
    assert shelf.token == token
    kept = [(shelf.name("one"), "PUT", 412, shelf.body("one", "my own"))]
    assert shelf.refused() == (kept if shelf.kind.body_read_first else [])


def test_a_refused_new_name_never_becomes_a_member(shelf: Shelf) -> None:
    token = shelf.token
    with pytest.raises(errors.PreconditionFailed):
        shelf.put("ghost", "first", if_match='"nothing"')
    assert shelf.listing() == {}
    assert shelf.since(token) == (set(), set())


def test_a_refused_deletion_is_announced_by_what_phones_delete_first(shelf: Shelf) -> None:
    """A phone has removed its copy already; it fetches what is announced (protocol A7). Files are not removed so."""
    first = shelf.put("one", "first")
    second = shelf.put("one", "second")
    token = shelf.token
    with pytest.raises(errors.PreconditionFailed):
        shelf.delete("one", if_match=first.etag)
    assert shelf.listing() == {shelf.name("one"): second.etag}
    announced = {shelf.name("one")} if shelf.kind.body_read_first else set()
    assert shelf.since(token) == (announced, set())


# --- MOVE and COPY ----------------------------------------------------------------------------------


def test_a_rename_is_gone_here_and_new_there_and_keeps_its_etag(shelf: Shelf) -> None:
    written = shelf.put("one", "first")
    token, resource_id = shelf.token, shelf.member("one").resource_id
    source, target = ((*shelf.kind.address, shelf.name(stem)) for stem in ("one", "two"))
    assert shelf.site().move(source, target, overwrite=False, conditions=Conditions())
    assert shelf.since(token) == ({shelf.name("two")}, {shelf.name("one")})
    assert shelf.member("two").etag == written.etag
    assert shelf.member("two").resource_id == resource_id


def test_a_move_to_another_collection_is_told_in_both(shelf: Shelf) -> None:
    shelf.put("one", "first")
    here, there = shelf.token, shelf.collection(shelf.kind.beside).sync_token
    name = shelf.name("one")
    shelf.site().move((*shelf.kind.address, name), (*shelf.kind.beside, name), overwrite=False, conditions=Conditions())
    assert shelf.since(here) == (set(), {name})
    answer = shelf.collection(shelf.kind.beside).changes(there, infinite=False, limit=None)
    assert [one.address[-1] for one in answer.changed] == [name]


def test_a_copy_has_the_octets_and_an_etag_of_its_own(shelf: Shelf) -> None:
    written = shelf.put("one", "first")
    name = shelf.name("one")
    source, target = (*shelf.kind.address, name), (*shelf.kind.beside, name)
    assert shelf.site().copy(source, target, overwrite=False, deep=True, conditions=Conditions())
    copied = shelf.site().find(target)
    assert copied.etag != written.etag
    content = copied.read(Conditions())
    assert b"".join(content.chunks(0, content.size_bytes)) == shelf.body("one", "first")
    assert shelf.listing() == {name: written.etag}
    with pytest.raises(errors.PreconditionFailed):
        shelf.site().copy(source, target, overwrite=False, deep=True, conditions=Conditions())


def test_a_copy_over_a_member_continues_its_history(shelf: Shelf) -> None:
    """Ledger 7: the target keeps its identity and has one version more."""
    name = shelf.name("one")
    shelf.put("one", "first")
    shelf.put("one", "old", where=shelf.kind.beside)
    source, target = (*shelf.kind.address, name), (*shelf.kind.beside, name)
    before = shelf.site().find(target).resource_id
    assert not shelf.site().copy(source, target, overwrite=True, deep=True, conditions=Conditions())
    assert shelf.site().find(target).resource_id == before
