"""The filters of CardDAV and CalDAV as values: read by `dav`, evaluated by `match`, used by `tree`.

No XML and no storage here. Names of properties, parameters and components are upper-case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MatchType = Literal["equals", "contains", "starts-with", "ends-with"]
Test = Literal["anyof", "allof"]


@dataclass(frozen=True, slots=True)
class TextMatch:
    """RFC 6352 10.5.4, RFC 4791 9.7.5. `collation` is one that `match.collations` knows (RFC 4790)."""

    text: str
    collation: str = "i;unicode-casemap"
    match_type: MatchType = "contains"
    negate: bool = False


@dataclass(frozen=True, slots=True)
class TimeRange:
    """RFC 4791 9.9: half-open, UTC; an open end is None, never both."""

    start_at: datetime | None
    end_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """RFC 6352 10.5.2, RFC 4791 9.7.3. `absent` is is-not-defined; without text the parameter must exist."""

    name: str
    absent: bool = False
    text: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """RFC 6352 10.5.1, RFC 4791 9.7.2. `test` joins texts and params (CalDAV: always allof)."""

    name: str
    absent: bool = False
    test: Test = "anyof"
    texts: tuple[TextMatch, ...] = ()
    params: tuple[ParamFilter, ...] = ()
    time_range: TimeRange | None = None


@dataclass(frozen=True, slots=True)
class CardFilter:
    """RFC 6352 10.5: a filter without prop-filters matches every card."""

    test: Test = "anyof"
    props: tuple[PropFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class CompFilter:
    """RFC 4791 9.7.1: the outermost names VCALENDAR; everything inside must hold."""

    name: str
    absent: bool = False
    time_range: TimeRange | None = None
    props: tuple[PropFilter, ...] = ()
    comps: tuple[CompFilter, ...] = ()
