"""A sign of life, for a supervisor: whether the database answers. Nothing secret, and nobody is asked who they are."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue


def show_health(app: Flask, is_healthy: Callable[[], bool]) -> None:
    """Add `/health` to an application."""

    def health() -> ResponseReturnValue:
        healthy = is_healthy()
        return jsonify(status="ok" if healthy else "trouble"), 200 if healthy else 503

    app.add_url_rule("/health", "health", health)
