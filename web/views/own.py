"""What a person chooses for their own eyes, language and light, their password, and where they are signed in."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import people, sessions
from web import status_of
from web.guarding import browser
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor


def show() -> ResponseReturnValue:
    """Show who is signed in, and what they chose."""
    return _page()


def choose() -> ResponseReturnValue:
    """Choose language and light; nothing chosen is as the household has it, or the system."""
    language, theme = (request.form.get(name) or None for name in ("language", "theme"))
    people.choose(rooms().services.ledger.database, visitor().member.id, language=language, theme=theme)
    return redirect(url_for("own.show"))


def change_password() -> ResponseReturnValue:
    """Change the password; other browsers are signed out."""
    here, house = visitor().visit, rooms()
    try:
        house.entrance.passwords.change(
            here.person, request.form.get("old", ""), request.form.get("new", ""), address=browser().address,
            by=here.author, at=visitor().now, but=here.id,
        )  # fmt: skip
    except (errors.NotSignedIn, errors.TooManyAttempts, errors.WrongCall) as error:
        return _page(trouble=said(error)), status_of(error)
    return _page(done=gettext("Your new password holds from now on. Other browsers were signed out."))


def end_session(session_id: int) -> ResponseReturnValue:
    """Sign another browser out."""
    sessions.end(rooms().services.ledger.database, visitor().member.id, session_id)
    return redirect(url_for("own.show"))


def _page(**said: str) -> str:
    here = visitor().visit
    everywhere = sessions.of_person(visitor().reading, here.person.id, at=visitor().now)
    return render_template("own.html", here=here, sessions=everywhere, **said)


ROUTES = (
    Route("/you", show),
    Route("/you", choose, ("POST",)),
    Route("/you/password", change_password, ("POST",)),
    Route("/you/sessions/<int:session_id>/end", end_session, ("POST",)),
)
