"""Links to pages that may not be there."""

from __future__ import annotations

from flask import current_app, url_for


def link(endpoint: str, **values: object) -> str | None:
    """Return the address of a page, None where this house has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None  # type: ignore[arg-type]
