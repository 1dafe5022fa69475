"""XML names that we speak: namespaces, the prefixes our answers use, and names in Clark notation.

A property or report is named `{namespace}local` everywhere but on the wire.
"""

from __future__ import annotations

DAV = "DAV:"
CALDAV = "urn:ietf:params:xml:ns:caldav"
CARDDAV = "urn:ietf:params:xml:ns:carddav"
CALENDARSERVER = "http://calendarserver.org/ns/"
APPLE_ICAL = "http://apple.com/ns/ical/"
OWNCLOUD = "http://owncloud.org/ns"
GOTGAN = "urn:gotgan:dav"

PREFIXES = {DAV: "D", CALDAV: "C", CARDDAV: "CR", CALENDARSERVER: "CS", APPLE_ICAL: "A", OWNCLOUD: "OC"}
"""Declared once on the root element of each answer; every other namespace is declared where it is used."""

DECLARATIONS = " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())


def dav(local: str) -> str:
    """Return the Clark name of `local` in `DAV:`."""
    return f"{{{DAV}}}{local}"


def caldav(local: str) -> str:
    """Return the Clark name of `local` in CalDAV's namespace (RFC 4791)."""
    return f"{{{CALDAV}}}{local}"


def carddav(local: str) -> str:
    """Return the Clark name of `local` in CardDAV's namespace (RFC 6352)."""
    return f"{{{CARDDAV}}}{local}"


def calendarserver(local: str) -> str:
    """Return the Clark name of `local` in the namespace of Apple's calendar server."""
    return f"{{{CALENDARSERVER}}}{local}"


def split(name: str) -> tuple[str, str]:
    """Return (namespace, local) of a Clark name; the namespace may be empty."""
    namespace, _, local = name.rpartition("}")
    return namespace.removeprefix("{"), local
