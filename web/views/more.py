"""More: on a phone, the doors that found no place at its foot."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from web.routes import Route


def show() -> ResponseReturnValue:
    """Show the other doors."""
    return render_template("more.html")


ROUTES = (Route("/more", show),)
