"""The Flask application of the household's pages: every view, the words, the look, and what becomes of an error.

It refuses to know what any page shows.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext
from werkzeug.exceptions import HTTPException

from appliance import errors
from web import status_of, views
from web.guarding import form_token, guard
from web.language import Catalogues
from web.nav import BEHIND_MORE, DOORS
from web.packing import pack
from web.rooms import NAME, Rooms
from web.routes import connect
from web.saying import said
from web.showing import FILTERS
from web.visitor import visitor

FORM_BYTES = 1 << 20
YEAR_SECONDS = 365 * 24 * 3600


def make_pages(rooms: Rooms) -> Flask:
    """Return the pages of a household."""
    app = Flask("web", static_folder="static", template_folder="templates")
    app.extensions[NAME] = rooms
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR_SECONDS  # static addresses name the digest of what they hold
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    guard(app, rooms, connect(app, views.MODULES))
    pack(app)
    _speak(app)
    _look(app)
    app.register_error_handler(errors.GotganError, _tell_error)
    app.register_error_handler(HTTPException, _tell_http)
    return app


def _speak(app: Flask) -> None:
    Babel(app, locale_selector=lambda: visitor().language)
    catalogues = Catalogues()
    app.before_request(catalogues.as_default)


def _look(app: Flask) -> None:
    digests = {path.name: _digest(path) for path in Path(app.static_folder or "").iterdir()}
    app.url_defaults(lambda endpoint, values: _name_digest(endpoint, values, digests))
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(doors=DOORS, behind_more=BEHIND_MORE, visitor=visitor, form_token=form_token)


def _name_digest(endpoint: str, values: dict[str, object], digests: dict[str, str]) -> None:
    if endpoint == "static" and values.get("filename") in digests:
        values["v"] = digests[str(values["filename"])]


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def _tell_error(error: errors.GotganError) -> ResponseReturnValue:
    status = status_of(error)
    return render_template("error.html", sentence=said(error), status=status), status


def _tell_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response(request.environ)
    sentences = {
        404: gettext("There is no such page in this house."),
        405: gettext("This cannot be done like that."),
        413: gettext("That was more than this page takes."),
    }
    sentence = sentences.get(error.code) or gettext("Something here went wrong. Nothing was changed.")
    return render_template("error.html", sentence=sentence, status=error.code), error.code
