"""What a request must bring along before a view sees it, and what every answer carries.

A change needs three things: it comes from a page of this box (Origin, Sec-Fetch-Site), its form is tied to the visit
that it was made for (a token), and, but for the few public pages, somebody is signed in. Answers allow no script and
no style of anybody else's, and no frame around them. It refuses to know what a page is about.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from appliance import errors
from appliance.household import claiming, opening, sessions
from appliance.household.opening import Household
from appliance.household.sessions import Session
from web.language import best_language
from web.rooms import Rooms
from web.routes import Connected
from web.visitor import Visitor, visitor

SESSION_COOKIE = "gotgan"
VISIT_COOKIE = "gotgan-visit"  # of a guest: ties the form of the sign-in to a browser
SIGN_IN = "signing.sign_in"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'none';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self';"
    " manifest-src 'self'"
)


def guard(app: Flask, rooms: Rooms, connected: Connected) -> None:
    """Let no request pass unseen; only members may send more than a form."""
    public = connected.public | {"static", "health"}

    def enter() -> ResponseReturnValue | None:
        g.visitor = _visitor(rooms)
        if request.method not in SAFE and request.method != "POST":
            raise NotFound  # a phone that looks for DAV here: a 405 would end in "cannot verify account"
        if request.endpoint is None:
            return None  # no page: a phone that looks around gets its 404 or 405
        if visitor().person is not None:
            request.max_content_length = connected.most_bytes.get(request.endpoint, request.max_content_length)
        if request.method not in SAFE:
            _require_own_page()
            _require_token()
        if visitor().person is not None:
            return None
        if request.method in SAFE and request.endpoint not in public - {SIGN_IN} and _waits_for_its_family(rooms):
            return redirect(url_for("first_visit.show"))
        if request.endpoint in public:
            return None
        if request.method in SAFE:
            return redirect(url_for(SIGN_IN, next=_wanted()))
        raise errors.NotSignedIn("Your visit has ended. Please sign in again; nothing was changed.")

    app.before_request(enter)
    app.after_request(_seal)


def _waits_for_its_family(rooms: Rooms) -> bool:
    """Return whether a guest can do nothing here but make the household theirs."""
    reading = rooms.services.ledger.database.connection()
    if not claiming.is_unclaimed(reading):
        return False
    return request.endpoint != SIGN_IN or not claiming.somebody_may_sign_in(reading)


def form_token() -> str:
    """Return what a form carries: only who holds this visit's cookie, and reads our pages, can know it."""
    return sessions.form_token(visitor().secret)


def browser() -> sessions.Visitor:
    """Return where the browser is and what it calls itself."""
    return sessions.Visitor(request.remote_addr or "", request.user_agent.string)


def remember(response: Response, token: str) -> Response:
    """Put a session's token into the browser."""
    response.set_cookie(
        SESSION_COOKIE, token, max_age=sessions.LIFE, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def forget(response: Response) -> Response:
    """Take the session's token out of the browser."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def safe_next(address: str | None) -> str:
    """Return where to go after signing in: an address of this box as a path, the start page for anything else."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return url_for("today.show")
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(sign) < 0x20 for sign in address) or "\\" in address:
        return url_for("today.show")
    return address


def _visitor(rooms: Rooms) -> Visitor:
    services = rooms.services
    now = services.clock.now()
    token = request.cookies.get(SESSION_COOKIE, "")
    session = sessions.current(services.ledger.database, token, at=now) if token else None
    household = opening.read_household(services.ledger.database.connection()) or services.household
    if session is None:
        token = g.visit_secret = request.cookies.get(VISIT_COOKIE) or secrets.token_urlsafe(24)
    return Visitor(
        rooms=rooms,
        session=session,
        secret=token,
        language=_language(session, household),
        zone=household.time_zone,
        now=now,
    )


def _language(session: Session | None, household: Household) -> str:
    """Return what the person chose, else what the browser of a guest wants, else what the household speaks."""
    if session is None:
        return best_language(request.accept_languages.values(), household.language)
    return session.person.language or household.language


def _require_own_page() -> None:
    """Refuse a change that another site's page sends (W3C Fetch Metadata; RFC 6454 7)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise errors.ForeignPage("This came from another site's page, so nothing was changed.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise errors.ForeignPage("This came from another site's page, so nothing was changed.")


def _require_token() -> None:
    sent = request.headers.get("X-Form-Token") or request.form.get("form_token") or ""
    if not sessions.form_token_fits(visitor().secret, sent):
        raise errors.ForeignPage("This page had been open for too long. Please load it again; nothing was changed.")


def _wanted() -> str:
    """Return the address that was asked for, so that signing in leads there."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def _seal(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        secret = g.get("visit_secret")
        if secret is not None and request.cookies.get(VISIT_COOKIE) != secret:
            response.set_cookie(VISIT_COOKIE, secret, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
