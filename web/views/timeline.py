"""The timeline of anything: one thing, a collection, a folder, a person, a device, or all that the visitor may see."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.history.passages import Page, page
from appliance.household import devices, people
from appliance.store.database import Reading
from appliance.tree.whereabouts import Whereabouts
from web import chronicle
from web.chronicle import Way
from web.nav import DOORS
from web.rooms import rooms
from web.routes import Route
from web.subjects import KINDS, Subject, read_subject, visible
from web.visitor import visitor

HOMES = {"addressbooks": "contacts.books", "calendars": "calendars.show", "files": "files.show"}


def show() -> ResponseReturnValue:
    """Show what happened, the newest first, with a graph of the month."""
    here = visitor()
    with rooms().services.ledger.database.read() as reading:
        where = Whereabouts(reading, here.member, rooms().services.household.person)
        subject = read_subject(reading, request.args, where)
        told = page(
            reading, here.teller(reading), subject.scope, subject.window, visible=visible(), wanted=subject.wanted
        )
        shown = chronicle.picture(reading, told, subject)
        days = chronicle.days(told, subject, where, shown)
        chips = {} if subject.is_one else _chips(reading, subject)
    return render_template(
        "timeline.html", subject=subject, days=days, picture=shown, labels=chronicle.labels(shown), chips=chips,
        crumbs=_crumbs(subject), earlier=_earlier(told, subject), is_cut=told.is_cut,
    )  # fmt: skip


def _crumbs(subject: Subject) -> list[tuple[str | None, str]]:
    steps: list[tuple[str | None, str]] = [(url_for("timeline.show"), rooms().services.household.person.display_name)]
    parts = subject.address.split("/")
    door = next((each for each in DOORS if each.endpoint == HOMES.get(parts[0])), None)
    if door is not None:
        steps.append((url_for("timeline.show", address="/".join(parts[:2])), str(door.label)))
    steps += [(url_for("timeline.show", address=address), name) for address, name in subject.steps]
    if subject.person is not None:
        steps.append((None, subject.person.display_name))
    if subject.device is not None:
        steps.append((None, subject.device.label))
    return steps


def _earlier(told: Page, subject: Subject) -> str | None:
    if told.earlier is None:
        return None
    going_on = "-".join(map(str, sorted(told.earlier.told))) or None
    return subject.page(before=told.earlier.before_seq, told=going_on)


def _chips(reading: Reading, subject: Subject) -> dict[str, list[tuple[Way, bool]]]:
    """Return what narrows the page: groups of links, each with whether it is chosen."""

    def chip(word: str, *, chosen: bool, **other: object) -> tuple[Way, bool]:
        return Way(word, subject.page(**other)), chosen

    everybody = [each for each in people.people(reading) if each.active]
    known = [each for each in devices.devices(reading) if subject.person and each.person_id == subject.person.id]
    return {
        "who": [
            chip(each.display_name, chosen=each == subject.person, person=each.name, device=None) for each in everybody
        ],
        "device": [chip(each.label, chosen=each == subject.device, device=each.id) for each in known],
        "kind": [chip(each, chosen=each == subject.kind, kind=each) for each in KINDS] if not subject.address else [],
    }


ROUTES = (Route("/timeline", show),)
