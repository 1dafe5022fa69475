"""What a client asked of each resource (RFC 4918 14.20), compiled once per kind of resource and asked 10,000 times.

Used by PROPFIND and by every report that gives properties. A property that is not there is a 404 propstat, or
nothing at all for `return=minimal`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from appliance.dav.contracts import Kind, Resource
from appliance.dav.live import Context
from appliance.dav.names import dav
from appliance.dav.writer import element, escape, propstat, tags
from appliance.dav.xml import Element, child, name_of
from appliance.errors import BadRequest

NAMES_LIMIT = 1000  # macOS asks for about 40

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The request: names for `prop`; for `allprop` what `include` adds; nothing for `propname`."""

    mode: Literal["prop", "allprop", "propname"]
    names: tuple[str, ...] = ()
    elements: Mapping[str, Element] | None = None  # of `prop`, as sent: address-data says inside what it wants


ALLPROP = Wanted("allprop")


class _Step(NamedTuple):
    """One requested property for one kind of resource; a tuple, because it is taken apart 10,000 times."""

    name: str
    start: str
    end: str
    empty: str
    value: Callable[[Resource, Context], str | None] | None
    settable: bool  # a stored value goes first


def read_wanted(parent: Element) -> Wanted | None:
    """Return what `prop`, `allprop` or `propname` inside `parent` asks for; None when there is none of them."""
    prop = child(parent, dav("prop"))
    if prop is not None:
        return _named("prop", prop)
    if child(parent, dav("propname")) is not None:
        return Wanted("propname")
    if child(parent, dav("allprop")) is None:
        return None
    include = child(parent, dav("include"))
    return ALLPROP if include is None else _named("allprop", include)


def read_wanted_beside(parent: Element) -> Wanted | None:
    """Return what is asked for by a client that names properties beside an empty `prop` (`dav/quirks.py`)."""
    wanted = read_wanted(parent)
    if wanted is None or wanted.names:
        return wanted
    elements = {name_of(beside): beside for beside in parent if name_of(beside) not in _NO_PROPERTIES}
    return Wanted("prop", tuple(elements), elements)


def _named(mode: Literal["prop", "allprop"], parent: Element) -> Wanted:
    elements = {name_of(wanted): wanted for wanted in parent}
    if len(elements) > NAMES_LIMIT:
        raise BadRequest(f"The request names more than {NAMES_LIMIT} properties.")
    return Wanted(mode, tuple(elements), elements)


def property_of(resource: Resource, name: str, context: Context) -> str | None:
    """Return one property of a resource as a whole element, None where it is not defined."""
    declared = context.tables.properties.get(name)
    if declared is None or resource.kind in declared.settable:
        stored = resource.stored().get(name)
        if stored is not None:
            return stored
    if declared is None or resource.kind not in declared.kinds:
        return None
    inner = declared.value(resource, context)
    return None if inner is None else element(name, inner)


_NO_PROPERTIES = frozenset({dav("prop"), dav("property-search"), dav("apply-to-principal-collection-set")})


class Selection:
    """Renders the `D:response` of a resource. Made per request."""

    def __init__(self, wanted: Wanted, context: Context, *, minimal: bool = False) -> None:
        self._wanted = wanted
        self._context = context
        self._minimal = minimal
        self._steps: dict[Kind, tuple[Sequence[_Step], bool]] = {}
        self._data = self._prepare_data()

    @property
    def needs_octets(self) -> bool:
        """Whether address-data or calendar-data was asked for."""
        return bool(self._data)

    def row(self, resource: Resource, *, href: str | None = None, octets: bytes | None = None) -> str:
        """Return the resource's `D:response`; `href` as the client spelled it, else our own spelling.

        `octets` are what data properties are made of; without them those are not there (PROPFIND). Raises
        UnsupportedConversion when this one object cannot be given as asked.
        """
        spelled = resource.href if href is None else escape(href)
        return f"<D:response><D:href>{spelled}</D:href>{self.propstats(resource, octets=octets)}</D:response>"

    def propstats(self, resource: Resource, *, octets: bytes | None = None) -> str:
        """Return the `D:propstat` elements of the resource."""
        steps, reads_stored = self._steps.get(resource.kind) or self._compile(resource.kind)
        stored = resource.stored() if reads_stored else _NOTHING
        if self._wanted.mode == "propname":
            return self._names_only(resource, steps, stored)
        found = missing = ""  # adding to a string costs less than a list and its join
        context = self._context
        for name, start, end, empty, value, settable in steps:
            if settable and name in stored:
                found += stored[name]
                continue
            inner = None if value is None else value(resource, context)
            if inner:
                found += start + inner + end
            elif inner is None:
                missing += empty
            else:
                found += empty
        for name, (kind, render) in self._data.items():
            if octets is None or resource.kind is not kind:
                missing += tags(name)[2]
            else:
                found += render(resource, octets)
        if self._wanted.mode == "allprop":
            found += self._dead(stored, steps)
            missing = ""
        if missing and not self._minimal:
            return self._with_missing(found, missing)
        return f"<D:propstat><D:prop>{found}</D:prop>{_OK}</D:propstat>"

    def _with_missing(self, found: str, missing: str) -> str:
        absent = propstat(missing, 404)
        return f"<D:propstat><D:prop>{found}</D:prop>{_OK}</D:propstat>{absent}" if found else absent

    def _names_only(self, resource: Resource, steps: Sequence[_Step], stored: Mapping[str, str]) -> str:
        context = self._context
        live = {
            step.name: step.empty
            for step in steps
            if step.value is not None and step.value(resource, context) is not None
        }
        live.update((name, tags(name)[2]) for name in stored)
        return f"<D:propstat><D:prop>{''.join(live.values())}</D:prop>{_OK}</D:propstat>"

    def _dead(self, stored: Mapping[str, str], steps: Sequence[_Step]) -> str:
        """Return the stored elements that allprop gives: the dead ones, and live ones that steps did not give."""
        given = {step.name for step in steps}
        live = self._context.tables.properties
        return "".join(xml for name, xml in stored.items() if name not in given and name not in live)

    def _compile(self, kind: Kind) -> tuple[Sequence[_Step], bool]:
        names = self._names_for(kind)
        steps = [self._step(name, kind) for name in names if name not in self._data]
        reads_stored = self._wanted.mode != "prop" or any(step.settable for step in steps)
        self._steps[kind] = (steps, reads_stored)
        return steps, reads_stored

    def _names_for(self, kind: Kind) -> Sequence[str]:
        live = self._context.tables.properties
        match self._wanted.mode:
            case "prop":
                return self._wanted.names
            case "propname":
                return [name for name, declared in live.items() if kind in declared.kinds]
            case "allprop":
                standard = [name for name, declared in live.items() if declared.in_allprop and kind in declared.kinds]
                return [*standard, *(name for name in self._wanted.names if name not in standard)]

    def _step(self, name: str, kind: Kind) -> _Step:
        declared = self._context.tables.properties.get(name)
        start, end, empty = tags(name)
        if declared is None:
            return _Step(name, start, end, empty, None, settable=True)
        value = declared.value if kind in declared.kinds else None
        return _Step(name, start, end, empty, value, settable=kind in declared.settable)

    def _prepare_data(self) -> Mapping[str, tuple[Kind, Callable[[Resource, bytes], str]]]:
        declared = self._context.tables.data
        elements = self._wanted.elements or {}
        return {
            name: (declared[name].kind, declared[name].prepare(elements[name], self._context))
            for name in self._wanted.names
            if name in declared
        }


_OK = "<D:status>HTTP/1.1 200 OK</D:status>"
