"""What the module of an RFC may declare: live properties, data properties and reports.

A declaration is a value; nothing is registered by importing a module. `dav/server.py` names the modules and
assembles the tables. Declared here as well: what a property or report is handed to do its work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, TypeVar

from appliance.dav.contracts import Kind, PropertyChange, Resource, Site
from appliance.dav.headers import Preferences
from appliance.dav.href import Target
from appliance.dav.messages import Request, Response
from appliance.dav.quirks import Quirks
from appliance.dav.xml import Element

EVERYWHERE = frozenset(Kind)
COLLECTIONS = frozenset({Kind.ROOT, Kind.HOME, Kind.ADDRESSBOOK, Kind.CALENDAR, Kind.FOLDER})
SYNCABLE = frozenset({Kind.ADDRESSBOOK, Kind.CALENDAR, Kind.FOLDER})
BODIES = frozenset({Kind.CARD, Kind.EVENT, Kind.FILE})


@dataclass(frozen=True, slots=True)
class LiveProperty:
    """A property whose value the server knows. `value` gives inner XML, or None where the property is not defined.

    On the kinds of `settable` it may be set: a stored value, when there is one, is what the client gets. On all
    others it is protected (RFC 4918 15). `settle` returns what a change of it comes to, checked, and with what else
    it changes; None: it is kept as sent.
    """

    name: str
    section: str
    kinds: frozenset[Kind]
    in_allprop: bool
    settable: frozenset[Kind]
    value: Callable[[Resource, Context], str | None]
    settle: Callable[[PropertyChange], Sequence[PropertyChange]] | None = None


@dataclass(frozen=True, slots=True)
class DataProperty:
    """address-data or calendar-data: what a report makes of an object's octets.

    `prepare` reads the element as requested, once per report, and returns a function that gives the whole element
    as XML. Both may raise UnsupportedConversion: the first refuses the report, the second one member of it.
    """

    name: str
    section: str
    kind: Kind
    prepare: Callable[[Element, Context], Callable[[Resource, bytes], str]]


@dataclass(frozen=True, slots=True)
class Report:
    """A report (RFC 3253 3.6). `answer` gets the request body's root element, and the resource of the request.

    `lists` says what a client may take the answer for: all members that there are, or the difference to what it has.
    """

    name: str
    section: str
    kinds: frozenset[Kind]
    answer: Callable[[Element, Resource, Call], Response]
    lists: Literal["members", "difference", "nothing"] = "nothing"


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Tables:
    """All that is declared, by Clark name."""

    properties: Mapping[str, LiveProperty]
    data: Mapping[str, DataProperty]
    reports: Mapping[str, Report]


@dataclass(frozen=True, slots=True)
class Context:
    """What a property may look at besides its resource."""

    request: Request
    site: Site
    tables: Tables
    quirks: Quirks


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through: what each method and report is handed."""

    target: Target
    context: Context
    preferences: Preferences

    @property
    def request(self) -> Request:
        """Return the request itself."""
        return self.context.request

    @property
    def site(self) -> Site:
        """Return the address space as this device sees it."""
        return self.context.site


def live(
    name: str,
    section: str,
    *,
    kinds: Iterable[Kind] = EVERYWHERE,
    in_allprop: bool = False,
    protected: bool = True,
    settable_on: Iterable[Kind] = (),
    settle: Callable[[PropertyChange], Sequence[PropertyChange]] | None = None,
) -> Callable[[Callable[[Resource, Context], str | None]], LiveProperty]:
    """Declare the decorated function to be the live property `name`, as said in `section`.

    It may be set everywhere when it is not `protected`, and on `settable_on` alone when it is.
    """
    settable = frozenset(settable_on) if protected else EVERYWHERE

    def declare(value: Callable[[Resource, Context], str | None]) -> LiveProperty:
        return LiveProperty(name, section, frozenset(kinds), in_allprop, settable, value, settle)

    return declare


def data(
    name: str, section: str, *, kind: Kind
) -> Callable[[Callable[[Element, Context], Callable[[Resource, bytes], str]]], DataProperty]:
    """Declare the decorated function to prepare the data property `name` of members of `kind`."""

    def declare(prepare: Callable[[Element, Context], Callable[[Resource, bytes], str]]) -> DataProperty:
        return DataProperty(name, section, kind, prepare)

    return declare


def report(
    name: str, section: str, *, kinds: Iterable[Kind], lists: Literal["members", "difference", "nothing"] = "nothing"
) -> Callable[[Callable[[Element, Resource, Call], Response]], Report]:
    """Declare the decorated function to answer the report `name` on resources of `kinds`."""

    def declare(answer: Callable[[Element, Resource, Call], Response]) -> Report:
        return Report(name, section, frozenset(kinds), answer, lists)

    return declare


def assemble(modules: Iterable[ModuleType]) -> Tables:
    """Return the tables of all that `modules` declare; a name declared twice is a mistake of ours and raises."""
    properties: dict[str, LiveProperty] = {}
    datas: dict[str, DataProperty] = {}
    reports: dict[str, Report] = {}
    for module in modules:
        for declared in vars(module).values():
            if isinstance(declared, LiveProperty):
                _enter(properties, declared.name, declared)
            elif isinstance(declared, DataProperty):
                _enter(datas, declared.name, declared)
            elif isinstance(declared, Report):
                _enter(reports, declared.name, declared)
    return Tables(properties, datas, reports)


def _enter(table: dict[str, _T], name: str, declared: _T) -> None:
    if table.setdefault(name, declared) is not declared:
        raise RuntimeError(f"{name} is declared twice")
