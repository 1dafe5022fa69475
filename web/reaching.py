"""At which address a phone reaches this box, as the pages tell it."""

from __future__ import annotations

from flask import request

from web.rooms import rooms

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def address() -> str:
    """Return the address to tell: the setting, else as this browser calls the box, with the slash.

    A browser on the box itself names nothing that a phone could reach; then it is the name in the network.
    """
    chosen = rooms().services.settings
    if chosen.public_url is not None or request.host.rsplit(":", 1)[0] in LOOPBACK or request.host in LOOPBACK:
        return chosen.address
    return request.host_url
