"""The few plain addresses that exist before the household's pages do: a sign of life, and where to go."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue


def make_pages(is_healthy: Callable[[], bool]) -> Flask:
    """Return the Flask application of everything that is not DAV."""
    pages = Flask("appliance.endpoints", static_folder=None)

    def health() -> ResponseReturnValue:
        """Say whether the database answers: for a supervisor, nothing secret."""
        healthy = is_healthy()
        return jsonify(status="ok" if healthy else "trouble"), 200 if healthy else 503

    def start() -> ResponseReturnValue:
        """Say what this is; the household's pages come later."""
        sentence = "Gotgan is running. Phones and computers connect to /dav/ with a device password.\n"
        return sentence, 200, {"Content-Type": "text/plain; charset=utf-8"}

    pages.add_url_rule("/health", view_func=health)
    pages.add_url_rule("/", view_func=start)
    return pages
