"""The calendar: a month with its agenda and what was deleted; one calendar, one event, and their octets."""

from __future__ import annotations

from collections.abc import Iterator

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.history.exporting import Exported, Exporter
from appliance.store import queries
from web import calendar_words, events, outlook
from web.calendar_pages import page_of
from web.calendar_wishes import Wish, read_wish
from web.outlook import Shown
from web.rooms import rooms
from web.routes import Route
from web.sending import sent_file
from web.visitor import visitor


def show() -> ResponseReturnValue:
    """Show a month, and the agenda of one of its days or of all of them."""
    wish = read_wish(request.args)
    every = outlook.every_calendar()
    page = page_of(every, wish)
    return render_template(
        "calendar.html", page=page, wish=wish, every=every, gone=outlook.gone_calendars(), words=calendar_words
    )


def one(person: str, calendar: str) -> ResponseReturnValue:
    """Show what a calendar is, what it has this month, and what can be done with all of it."""
    shown = outlook.calendar_at(person, calendar)
    others = [each.key for each in outlook.every_calendar() if each.key != shown.key]
    wish = Wish(month=None, day=None, as_list=True, hidden=frozenset(others))
    return render_template(
        "calendar_one.html", shown=shown, count=outlook.entry_count(shown), wish=wish,
        page=page_of([shown], wish), words=calendar_words,
    )  # fmt: skip


def event(person: str, calendar: str, name: str) -> ResponseReturnValue:
    """Show one event, task or note; one that was deleted is a matter of its history."""
    shown = outlook.calendar_at(person, calendar)
    try:
        told = events.told(shown, name)
    except errors.NotFound:
        return redirect(url_for("object_history.show", address=f"{shown.address}/{name}"))
    return render_template("event.html", shown=shown, event=told, answers=events.answer)


def download(person: str, calendar: str) -> ResponseReturnValue:
    """Send all of a calendar as one file."""
    shown = outlook.calendar_at(person, calendar)
    return sent_file(_all_of(shown), f"{shown.name}.ics", "text/calendar; charset=utf-8")


def download_one(person: str, calendar: str, name: str) -> ResponseReturnValue:
    """Send one event as it was sent to us."""
    shown = outlook.calendar_at(person, calendar)
    octets = events.octets(shown, name)
    title = events.title_in(octets) or gettext("Event")
    return sent_file(iter((octets,)), f"{title}.ics", "text/calendar; charset=utf-8")


def _all_of(shown: Shown) -> Iterator[bytes]:
    seq = queries.newest_seq(visitor().reading)
    exporter = Exporter(rooms().services.ledger.database, rooms().hall.bodies, seq, Exported())
    return exporter.calendar(shown.calendar.row.id, shown.address)


ROUTES = (
    Route("/calendar", show),
    Route("/calendar/<person>/<calendar>", one),
    Route("/calendar/<person>/<calendar>/<path:name>", event),
    Route("/calendar-file/<person>/<calendar>", download),
    Route("/calendar-file/<person>/<calendar>/<path:name>", download_one),
)
