"""The phone's side of its code: what fits this phone first, its settings once, and never again.

Whoever has the code is let in, so nobody signs in here. Opening the page gives nothing away (previews of links open
pages, too); pressing a button makes the device. What it needs is then told at an address that only this browser knows
and that says nothing any more after two minutes.
"""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import devices, phones, profiles, sessions
from appliance.household.connecting import Connection, davx5_link
from appliance.household.onboarding import Given, Way
from appliance.household.people import Person
from appliance.household.profiles import Subject
from web import reaching, status_of
from web.guarding import browser
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

WAYS: dict[str, Way] = {"iphone": "profile", "mac": "profile", "davx5": "davx5", "plain": "plain"}
FIRST = {"ios": "iphone", "mac": "mac", "android": "davx5"}  # what fits a system; plain settings fit the others

OTHER_BROWSERS = ("CriOS", "FxiOS", "EdgiOS", "KAKAOTALK", "NAVER")  # on an iPhone, only Safari takes a profile


def ask() -> ResponseReturnValue:
    """Ask for the code, or lead to its page."""
    typed = request.args.get("code", "").strip()
    if typed:
        return redirect(url_for("pairing.show", code=typed))
    return render_template("pairing_ask.html")


def show(code: str) -> ResponseReturnValue:
    """Show what this phone can be given, the fitting way first."""
    return _offered(code)


def give(code: str) -> ResponseReturnValue:
    """Make the device, and lead to where its settings are told."""
    way, label = request.form.get("way", ""), request.form.get("label", "")
    if way not in WAYS:
        raise errors.WrongCall("There is no such way to connect a phone.")
    try:
        given = rooms().entrance.onboarding.give(code, WAYS[way], label, browser(), at=visitor().now)
    except errors.WrongCall as error:
        return _offered(code, label=label, trouble=said(error)), status_of(error)
    _note_whose(given)
    return redirect(url_for("pairing.given", ticket=given.ticket, way=way), 303)


def given(ticket: str, way: str) -> ResponseReturnValue:
    """Tell the settings, for two minutes."""
    found = _held(ticket)
    if way not in WAYS or WAYS[way] != found.pairing.way:
        raise errors.NotFound("There is no such page in this house.")
    connection = _connection(found)
    response = make_response(
        render_template(
            "pairing_given.html", way=way, connection=connection, davx5=davx5_link(connection), ticket=ticket
        )
    )
    if found.pairing.way == "profile":  # the file comes by itself, and the page stays
        response.headers["Refresh"] = f"1; url={url_for('pairing.profile', ticket=ticket, way=way)}"
    return response


def profile(ticket: str, way: str) -> ResponseReturnValue:
    """Hand out Apple's profile."""
    found = _held(ticket)
    household = rooms().services.household
    subject = Subject(
        household.person.uuid, found.device.id, household.person.display_name, household.person.name,
        household.words.family, is_mac=way == "mac",
    )  # fmt: skip
    response = make_response(profiles.make(_connection(found), subject).octets)
    response.headers["Content-Type"] = profiles.CONTENT_TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="{profiles.FILE_NAME}"'
    return response


def _offered(code: str, label: str | None = None, trouble: str = "") -> str:
    """Return the page of a code, or the one that says that it was used."""
    pairing, person = rooms().entrance.onboarding.open(code, browser(), at=visitor().now)
    if pairing.given_at is not None:
        return render_template("pairing_used.html", person=person)
    phone = phones.recognised(browser().agent)
    first = FIRST.get(phone.system, "plain")
    return render_template(
        "pairing.html", code=code, person=person, trouble=trouble, first=first, system=phone.system,
        others=[way for way in WAYS if way != first], expires_at=pairing.expires_at,
        label=_free_label(person, phone.label or gettext("My phone")) if label is None else label,
        needs_safari=first == "iphone" and any(name in browser().agent for name in OTHER_BROWSERS),
    )  # fmt: skip


def _free_label(person: Person, proposed: str) -> str:
    """Return a name that this person's devices do not have yet: iPhone, iPhone 2."""
    taken = {each.label for each in devices.devices(visitor().reading, person.id) if each.revoked_at is None}
    number, label = 1, proposed
    while label in taken:
        number += 1
        label = f"{proposed} {number}"
    return label


def _note_whose(given: Given) -> None:
    """Tie this browser's session to the phone it runs on, so that it ends when the phone is lost."""
    here = visitor().session
    is_phone = phones.recognised(browser().agent).system in ("ios", "android")
    if here is not None and is_phone and here.person.id == given.person.id:
        sessions.belongs_to_phone(rooms().services.ledger.database, here, given.device.id)


def _held(ticket: str) -> Given:
    found = rooms().entrance.onboarding.held(ticket, at=visitor().now)
    if found is None:
        raise errors.NotFound("These settings were told already, and are told only once. Make a new code.")
    return found


def _connection(given: Given) -> Connection:
    return Connection(reaching.address(), given.person.name, given.password)


ROUTES = (
    Route("/pair", ask, public=True),
    Route("/pair/<code>", show, public=True),
    Route("/pair/<code>", give, ("POST",), public=True),
    Route("/pair/given/<ticket>/<way>", given, public=True),
    Route("/pair/given/<ticket>/<way>/gotgan.mobileconfig", profile, public=True),
)
