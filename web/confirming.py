"""Asking for the password again, before somebody is let in or shut out: a browser may have been left open."""

from __future__ import annotations

from flask import request

from appliance.household import sessions
from web.guarding import browser
from web.rooms import rooms
from web.visitor import visitor


def is_confirmed() -> bool:
    """Return whether the visitor typed their password a moment ago."""
    return visitor().visit.is_confirmed(visitor().now)


def confirm() -> None:
    """Take the password that came with the form, where it is needed; NotSignedIn, TooManyAttempts for a wrong one."""
    here = visitor().visit
    if here.is_confirmed(visitor().now):
        return
    typed = request.form.get("password", "")
    proven = rooms().entrance.passwords.prove(here.person.name, typed, address=browser().address)
    sessions.confirm(rooms().services.ledger.database, here, proven, at=visitor().now)
