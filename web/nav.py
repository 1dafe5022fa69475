"""The doors in the timber wall: one row each. On a phone five of them lie at the foot, the others behind More."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext


@dataclass(frozen=True, slots=True)
class Door:
    """A page that can be reached from everywhere."""

    endpoint: str
    label: LazyString
    icon: str
    at_foot: bool = False  # on a phone
    on_wall: bool = True  # on a desk


# In this order, as they come: today, timeline, contacts, calendars, files, kept, devices, people, store, more.
DOORS = (
    Door("today.show", lazy_gettext("Today"), "today", at_foot=True),
    Door("timeline.show", lazy_gettext("Timeline"), "timeline"),
    Door("contacts.books", lazy_gettext("Contacts"), "contacts", at_foot=True),
    Door("calendars.show", lazy_gettext("Calendar"), "calendar", at_foot=True),
    Door("files.show", lazy_gettext("Files"), "files", at_foot=True),
    Door("kept.show", lazy_gettext("Kept aside"), "slip"),
    Door("devices.show", lazy_gettext("Devices"), "phone"),
    Door("people.show", lazy_gettext("People"), "people"),
    Door("store.show", lazy_gettext("Store"), "storage"),
    Door("more.show", lazy_gettext("More"), "more", at_foot=True, on_wall=False),
)
BEHIND_MORE = frozenset(door.endpoint for door in DOORS if not door.at_foot)
