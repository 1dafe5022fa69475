"""People: who belongs to the household, and how one comes in, is shut out and let in again. Nobody is ever removed.

Everybody sees who lives here. Only who looks after the household lets in and shuts out, and types the password for it.
It refuses to show what somebody has: sharing says who sees what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import audit, devices, invitations, people, shares, slugs
from appliance.household.invitations import Invitation
from appliance.household.people import NewPerson, Person
from web import audited, reaching, shared_things, status_of
from web.confirming import confirm, is_confirmed
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

Act = Callable[[Person], ResponseReturnValue]
PAGE = 100  # acts of the list of who let whom in


@dataclass(frozen=True, slots=True)
class Known:
    """A member, how many phones of theirs may come in, and the link that waits for them."""

    person: Person
    phones: int
    link: Invitation | None


def show() -> ResponseReturnValue:
    """Show who belongs to the household."""
    found = _everybody()
    return render_template(
        "people.html", here=[each for each in found if each.person.active],
        gone=[each for each in found if not each.person.active], household=rooms().services.household.person,
    )  # fmt: skip


def one(name: str) -> ResponseReturnValue:
    """Show one person: what is shared between them and the visitor, and what an administrator may do."""
    return _page(_member(name))


def add() -> ResponseReturnValue:
    """Ask who joins."""
    _require_administrator()
    return render_template("people_add.html", shown="", trouble="", is_confirmed=is_confirmed())


def join() -> ResponseReturnValue:
    """Add somebody, and show the link by which they choose a password."""
    _require_administrator()
    shown = request.form.get("name", "").strip()
    try:
        confirm()
        added = _added(shown)
    except (errors.NotSignedIn, errors.TooManyAttempts, errors.WrongCall) as error:
        trouble = gettext("A name has 1 to 100 characters.") if isinstance(error, errors.WrongCall) else said(error)
        page = render_template("people_add.html", shown=shown, trouble=trouble, is_confirmed=is_confirmed())
        return page, status_of(error)
    return _link_page(added, is_new=True)


def invite(name: str) -> ResponseReturnValue:
    """Show the link by which somebody chooses a password, once: told now and never again, so it has no address."""
    return _done_with_password(name, lambda person: _link_page(person, is_new=False))


def end_link(name: str) -> ResponseReturnValue:
    """End a link that waits."""
    person = _member(name)
    database, here = rooms().services.ledger.database, visitor()
    for each in invitations.waiting(here.reading, at=here.now, person_id=person.id):
        invitations.revoke(database, each.id, by=here.author, at=here.now)
    return redirect(url_for("people.one", name=name), 303)


def rename(name: str) -> ResponseReturnValue:
    """Call somebody something else."""
    person = _member(name)
    try:
        people.rename(
            rooms().services.ledger.database, person.id, request.form.get("shown", ""), by=visitor().author,
            at=visitor().now,
        )  # fmt: skip
    except errors.WrongCall as error:
        return _page(person, trouble=gettext("A name has 1 to 100 characters.")), status_of(error)
    return redirect(url_for("people.one", name=name), 303)


def administrate(name: str) -> ResponseReturnValue:
    """Let somebody look after the household too, or not any more."""
    wanted = request.form.get("admin") == "yes"

    def change(person: Person) -> ResponseReturnValue:
        people.let_administrate(
            rooms().services.ledger.database, person.name, admin=wanted, by=visitor().author, at=visitor().now
        )
        return redirect(url_for("people.one", name=name), 303)

    return _done_with_password(name, change)


def ask_shut_out(name: str) -> ResponseReturnValue:
    """Say what happens when somebody is shut out, and what does not, before it is done."""
    _require_administrator()
    return render_template("people_shut_out.html", person=_other(name), trouble="", is_confirmed=is_confirmed())


def shut_out(name: str) -> ResponseReturnValue:
    """Shut somebody out with all phones and browsers; everything of theirs stays."""
    _require_administrator()
    person = _other(name)
    try:
        confirm()
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        page = render_template("people_shut_out.html", person=person, trouble=said(error), is_confirmed=is_confirmed())
        return page, status_of(error)
    people.disable(rooms().services.ledger.database, name, at=visitor().now, by=visitor().author)
    return redirect(url_for("people.one", name=name), 303)


def let_in(name: str) -> ResponseReturnValue:
    """Let somebody in again, with the phones that were not shut out by themselves."""

    def change(person: Person) -> ResponseReturnValue:
        people.enable(rooms().services.ledger.database, person.name, at=visitor().now, by=visitor().author)
        return redirect(url_for("people.one", name=name), 303)

    return _done_with_password(name, change)


def log() -> ResponseReturnValue:
    """Show who let whom in and shut whom out."""
    _require_administrator()
    before = request.args.get("before", type=int)
    acts = audit.acts(visitor().reading, before=before, limit=PAGE)
    next_before = acts[-1].id if len(acts) == PAGE else None
    return render_template("people_log.html", lines=audited.lines(visitor().reading, acts), next_before=next_before)


# --- in common --------------------------------------------------------------------------------------


def _done_with_password(name: str, act: Act) -> ResponseReturnValue:
    """Do what only an administrator does, and only with the password."""
    _require_administrator()
    person = _member(name)
    try:
        confirm()
        return act(person)
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        return _page(person, trouble=said(error)), status_of(error)
    except errors.NotPossible as error:
        trouble = gettext("Somebody has to look after the household; choose somebody else first.")
        return _page(person, trouble=trouble), status_of(error)


def _page(person: Person, trouble: str = "") -> str:
    reading, here = visitor().reading, visitor().member
    waiting = invitations.waiting(reading, at=visitor().now, person_id=person.id)
    known = Known(person, _phones().get(person.id, 0), waiting[0] if waiting else None)
    given = [each for each in shares.given_by(reading, here.id) if each.receiver.id == person.id]
    theirs = [each for each in shares.given_to(reading, here.id) if each.owner.id == person.id and not each.is_dark]
    return render_template(
        "person.html", known=known, given=shared_things.given(reading, given),
        theirs=shared_things.received(reading, theirs), trouble=trouble, is_confirmed=is_confirmed(),
    )  # fmt: skip


def _link_page(person: Person, *, is_new: bool) -> str:
    made = invitations.invite(rooms().services.ledger.database, person, by=visitor().author, at=visitor().now)
    link = f"{reaching.address()}join/{made.token}"
    return render_template(
        "people_link.html", person=person, link=link, until=made.invitation.expires_at, is_new=is_new
    )  # fmt: skip


def _added(shown: str) -> Person:
    services, chosen = rooms().services, people.checked_shown_name(shown)
    taken = {each.name for each in people.people(visitor().reading)}
    joining = NewPerson(slugs.propose(chosen, taken), chosen, quota_bytes=services.settings.quota_bytes)
    return people.add(
        services.ledger, services.settings.data, visitor().author, joining=joining,
        shared=services.household.shared, words=services.household.words,
    )  # fmt: skip


def _everybody() -> list[Known]:
    reading, here = visitor().reading, visitor().member
    links = invitations.waiting(reading, at=visitor().now) if here.admin else []
    link_of, phones = {each.person.id: each for each in links}, _phones()
    members = [each for each in people.people(reading) if not each.household]
    members.sort(key=lambda each: (each.id != here.id, each.display_name))
    return [Known(each, phones.get(each.id, 0), link_of.get(each.id)) for each in members]


def _phones() -> dict[int, int]:
    counts: dict[int, int] = {}
    for device in devices.devices(visitor().reading):
        if device.revoked_at is None:
            counts[device.person_id] = counts.get(device.person_id, 0) + 1
    return counts


def _require_administrator() -> None:
    people.require_administrator(visitor().reading, visitor().author)


def _member(name: str) -> Person:
    found = people.person_named(visitor().reading, name)
    if found is None or found.household:
        raise errors.NotFound("There is nobody of this name in this house.")
    return found


def _other(name: str) -> Person:
    """Return a member who is not the visitor: nobody shuts themselves out."""
    found = _member(name)
    if found.id == visitor().member.id:
        raise errors.NotPossible("Nobody can shut themselves out.")
    return found


ROUTES = (
    Route("/people", show),
    Route("/people/add", add),
    Route("/people/add", join, ("POST",)),
    Route("/people/log", log),
    Route("/people/one/<name>", one),
    Route("/people/one/<name>", rename, ("POST",)),
    Route("/people/one/<name>/link", invite, ("POST",)),
    Route("/people/one/<name>/end-link", end_link, ("POST",)),
    Route("/people/one/<name>/administrate", administrate, ("POST",)),
    Route("/people/one/<name>/shut-out", ask_shut_out),
    Route("/people/one/<name>/shut-out", shut_out, ("POST",)),
    Route("/people/one/<name>/let-in", let_in, ("POST",)),
)
