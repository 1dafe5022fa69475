"""The views, one module for a page or for a few that belong together; `MODULES` is where a new one is added."""

from __future__ import annotations

from web.views import (
    bringing,
    calendars,
    connecting,
    contacts,
    devices,
    files,
    first_visit,
    join,
    more,
    object_history,
    own,
    pairing,
    past,
    previews,
    receipts,
    returning,
    rewinding,
    signing,
    timeline,
    today,
)

MODULES = (
    today,
    timeline,
    contacts,
    calendars,
    object_history,
    files,
    past,
    previews,
    bringing,
    returning,
    rewinding,
    receipts,
    devices,
    connecting,
    pairing,
    first_visit,
    join,
    signing,
    own,
    more,
)
