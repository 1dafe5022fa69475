"""Joining: the link that somebody who looks after the house gave, and the password that its person chooses."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import invitations, people, sessions
from web import status_of
from web.guarding import browser, remember
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor


def show(token: str) -> ResponseReturnValue:
    """Ask for a password."""
    return _page(token)


def choose(token: str) -> ResponseReturnValue:
    """Set the password that was chosen, and let its person in."""
    house = rooms()
    database = house.services.ledger.database
    is_new = not invitations.look(database.connection(), token, at=visitor().now).person.has_password
    try:
        proven = invitations.use(
            database, house.entrance.passwords, token, request.form.get("password", ""), at=visitor().now
        )
    except errors.WrongCall as error:
        return _page(token, said(error)), status_of(error)
    begun = sessions.begin(database, proven, browser(), label=gettext("Browser"), at=visitor().now)
    if is_new and visitor().language != house.services.household.language:
        people.choose(database, proven.person.id, language=visitor().language, theme=None)  # as they read it until now
    there = url_for("connecting.add", welcome=1) if is_new else url_for("today.show")
    return remember(make_response(redirect(there, 303)), begun.token)


def _page(token: str, trouble: str = "") -> str:
    invitation = invitations.look(visitor().reading, token, at=visitor().now)
    household = rooms().services.household.person.display_name
    return render_template("join.html", invitation=invitation, household=household, token=token, trouble=trouble)


ROUTES = (
    Route("/join/<token>", show, public=True),
    Route("/join/<token>", choose, ("POST",), public=True),
)
