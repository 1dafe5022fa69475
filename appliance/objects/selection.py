"""What a report wants of an object, as values: calendar-data (RFC 4791 9.6) and address-data (RFC 6352 10.4).

Read from XML by `dav`, carried out by `partial`. Names are upper-case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Window = tuple[datetime, datetime]
"""aware start and end of a half-open range"""


@dataclass(frozen=True, slots=True)
class PropWanted:
    """A `prop` element. The name may begin with a group (`ITEM1.TEL`); `novalue` leaves the value out."""

    name: str
    novalue: bool = False


@dataclass(frozen=True, slots=True)
class CompWanted:
    """A `comp` element. `props` None: allprop; `comps` None: allcomp; empty ones: none of them."""

    name: str
    props: tuple[PropWanted, ...] | None = None
    comps: tuple[CompWanted, ...] | None = None


@dataclass(frozen=True, slots=True)
class CalendarWanted:
    """A `calendar-data` element; all left out: the object as stored. `timezones` False is `CalDAV-Timezones: F`."""

    comp: CompWanted | None = None
    expand: Window | None = None
    limit_recurrence: Window | None = None
    limit_freebusy: Window | None = None
    timezones: bool = True

    @property
    def whole(self) -> bool:
        """Whether the stored octets are the answer."""
        return self.timezones and not (self.comp or self.expand or self.limit_recurrence or self.limit_freebusy)
