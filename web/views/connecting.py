"""Connecting a phone, on the desk's side: whose it is, its code to scan, and the ticks as the house sees it come in.

The code stands in the address of its page and nowhere else, so that the page can be loaded again; whoever has the
address without the right to it sees nothing. The page asks for news every two seconds, and without script when it is
loaded again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import escape

from appliance import errors
from appliance.household import arrivals, devices, onboarding, people, phones, ticks
from appliance.household.devices import Device
from appliance.household.onboarding import Pairing
from appliance.household.people import Person
from web import reaching, status_of, ticking
from web.confirming import confirm, is_confirmed
from web.guarding import browser
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

QUICK_SECONDS, SLOW_SECONDS = 2, 30
SETTLED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Coming:
    """A phone on its way in, as the page shows it. `code` is empty when it cannot be used any more."""

    pairing: Pairing
    person: Person
    device: Device | None
    code: str
    address: str  # behind the code
    steps: list[ticking.Step]
    is_complete: bool

    @property
    def pace_seconds(self) -> int:
        """How often the page asks for news: seldom when the phone has been in for a while."""
        since = self.pairing.given_at
        return SLOW_SECONDS if since is not None and visitor().now - since > SETTLED else QUICK_SECONDS

    @property
    def mark(self) -> str:
        """What changes when something is to be shown anew."""
        told = repr([(each.says, each.second, each.remedy, each.state, each.count) for each in self.steps])
        return hashlib.blake2b(f"{told} {self.pace_seconds}".encode(), digest_size=8).hexdigest()

    @property
    def newest(self) -> str:
        """What came last, for ears."""
        return next((each.says for each in reversed(self.steps) if each.state in ("done", "fault")), "")

    @property
    def picture(self) -> str:
        """The code to scan, drawn here."""
        label = escape(gettext("Code to scan"))
        drawn: str = segno.make(self.address, error="m").svg_inline(omitsize=True, border=0)
        return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def add() -> ResponseReturnValue:
    """Ask whose phone it is."""
    return _asked(request.args.get("person", visitor().member.name), request.args.get("replaces", ""))


def pair() -> ResponseReturnValue:
    """Make a code for somebody's phone; who has not typed the password for a while types it again."""
    here = visitor().visit
    name, replaces = request.form.get("person", here.person.name), request.form.get("replaces", "")
    try:
        confirm()
        paired = rooms().entrance.onboarding.pair(
            _person(name), by=here.author, at=visitor().now, replaces=int(replaces) if replaces.isdigit() else None
        )
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        return _asked(name, replaces, trouble=said(error)), status_of(error)
    return redirect(url_for("connecting.show", pairing_id=paired.pairing.id, code=paired.code), 303)


def show(pairing_id: int, code: str) -> ResponseReturnValue:
    """Show the code, and what the house sees of the phone."""
    system = phones.recognised(browser().agent).system
    return render_template("connecting.html", coming=_coming(pairing_id, code), is_phone=system in ("ios", "android"))


def news(pairing_id: int, code: str) -> ResponseReturnValue:
    """Return the part of the page that changes, nothing when it did not."""
    coming = _coming(pairing_id, code)
    if request.args.get("seen") == coming.mark:
        return "", 204
    system = phones.recognised(browser().agent).system
    return render_template("connecting_news.html", coming=coming, is_phone=system in ("ios", "android"))


def _coming(pairing_id: int, code: str) -> Coming:
    """Return a pairing that this member made or may make; raises NotFound for any other, and for another's code."""
    reading, here = visitor().reading, visitor().member
    pairing = onboarding.pairing(reading, pairing_id)
    person = None if pairing is None else people.person(reading, pairing.person_id)
    fits = rooms().entrance.onboarding.fits(code, pairing_id)
    if pairing is None or person is None or not fits or not (here.admin or here.id == person.id):
        raise errors.NotFound("There is no such page in this house.")
    ticking.look_again(rooms())
    pairing = onboarding.pairing(reading, pairing_id) or pairing
    found = ticks.ticks(arrivals.facts_of_pairing(reading, pairing_id), visitor().now)
    address = reaching.address()
    return Coming(
        pairing,
        person,
        None if pairing.device_id is None else devices.device(reading, pairing.device_id),
        code if pairing.is_waiting(visitor().now) else "",
        f"{address}pair/{code}",
        ticking.steps(found, user=person.name, now=visitor().now, secure=address.startswith("https")),
        ticks.is_complete(found),
    )


def _asked(name: str, replaces: str, trouble: str = "") -> str:
    reading, here = visitor().reading, visitor().member
    known = [each for each in people.people(reading) if each.active] if here.admin else [here]
    chosen = _person(name)
    replaced = devices.device(reading, int(replaces)) if replaces.isdigit() else None
    if replaced is not None and replaced.person_id != chosen.id:
        raise errors.NotFound("There is no such device in this house.")
    return render_template(
        "connecting_add.html", known=known, chosen=chosen, replaced=replaced, trouble=trouble,
        is_confirmed=is_confirmed(), is_welcome="welcome" in request.args,
    )  # fmt: skip


def _person(name: str) -> Person:
    """Return a member whose phones this one may add; raises NotFound for any other."""
    here = visitor().member
    found = people.person_named(visitor().reading, name)
    if found is None or not found.active or not (here.admin or found.id == here.id):
        raise errors.NotFound("There is nobody of this name in this house.")
    return found


ROUTES = (
    Route("/devices/add", add),
    Route("/devices/add", pair, ("POST",)),
    Route("/devices/coming/<int:pairing_id>/<code>", show),
    Route("/devices/coming/<int:pairing_id>/<code>/news", news),
)
