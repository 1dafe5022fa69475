"""Signing in and out of the pages. A person has one password; phones have their own and never use this one."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import sessions
from web import status_of
from web.guarding import browser, forget, remember, safe_next
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor


def sign_in() -> ResponseReturnValue:
    """Ask who comes in."""
    if visitor().person is not None:
        return redirect(safe_next(request.args.get("next")))
    return render_template("sign_in.html", name="", next=request.args.get("next", ""), trouble=None)


def enter() -> ResponseReturnValue:
    """Let somebody in who knows the password, and lead on to where they wanted to go."""
    name, wanted = request.form.get("name", ""), request.form.get("next", "")
    house = rooms()
    try:
        proven = house.entrance.passwords.prove(name, request.form.get("password", ""), address=browser().address)
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        page = render_template("sign_in.html", name=name, next=wanted, trouble=said(error))
        return page, status_of(error)
    begun = sessions.begin(
        house.services.ledger.database, proven, browser(), label=gettext("Browser"), at=visitor().now
    )  # fmt: skip
    return remember(make_response(redirect(safe_next(wanted))), begun.token)


def leave() -> ResponseReturnValue:
    """End this browser's session."""
    here = visitor().visit
    sessions.end(rooms().services.ledger.database, here.person.id, here.id)
    return forget(make_response(redirect(url_for("signing.sign_in"))))


ROUTES = (
    Route("/sign-in", sign_in, public=True),
    Route("/sign-in", enter, ("POST",), public=True),
    Route("/sign-out", leave, ("POST",)),
)
