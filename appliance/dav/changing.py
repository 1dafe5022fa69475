"""Instructions that set and remove properties: read alike from PROPPATCH, extended MKCOL and MKCALENDAR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.dav import conditions, writer
from appliance.dav.contracts import Kind, PropertyChange
from appliance.dav.live import Tables
from appliance.dav.names import DAV, dav
from appliance.dav.xml import Element, name_of, serialise
from appliance.errors import BadRequest, GotganError, PropertyRefused

VALUE_LIMIT_BYTES = 1 << 16
CHANGES_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Instruction:
    """One property inside a `set` or `remove`; `element` is as sent."""

    name: str
    element: Element
    is_removal: bool


def read_instructions(root: Element) -> list[Instruction]:
    """Return the instructions of `root` in document order (RFC 4918 9.2)."""
    found = [
        Instruction(name_of(element), element, is_removal=block.tag == dav("remove"))
        for block in root.iterchildren(dav("set"), dav("remove"))
        for prop in block.iterchildren(dav("prop"))
        for element in prop
    ]
    if len(found) > CHANGES_LIMIT:
        raise BadRequest(f"The request changes more than {CHANGES_LIMIT} properties.")
    return found


def changes_of(instructions: Iterable[Instruction], tables: Tables) -> tuple[PropertyChange, ...]:
    """Return what the store is to keep, in document order; PropertyRefused names the culprit.

    A property that was declared with `settle` says itself what a change of it comes to.
    """
    changes: list[PropertyChange] = []
    for instruction in instructions:
        change = _change_of(instruction)
        declared = tables.properties.get(change.name)
        settle = None if declared is None else declared.settle
        changes += (change,) if settle is None else settle(change)
    return tuple(changes)


def _change_of(instruction: Instruction) -> PropertyChange:
    """Return the change that the store keeps; PropertyRefused for a value above 64 KiB."""
    if instruction.is_removal:
        return PropertyChange(instruction.name, None)
    xml = serialise(instruction.element)
    if len(xml.encode()) > VALUE_LIMIT_BYTES:
        raise PropertyRefused(
            f"A property is kept up to {VALUE_LIMIT_BYTES} bytes, this one is larger.", name=instruction.name
        )
    return PropertyChange(instruction.name, xml)


def is_protected(name: str, kind: Kind, tables: Tables) -> bool:
    """Return whether the property is computed and cannot be set on this kind (RFC 4918 15)."""
    declared = tables.properties.get(name)
    return name in tables.data or (declared is not None and kind not in declared.settable)


def protected_error(name: str) -> PropertyRefused:
    """Return the error for an attempt to set a computed property."""
    return PropertyRefused(
        "This property is computed and cannot be set.", name=name, condition="cannot-modify-protected-property"
    )


def all_done(names: Iterable[str]) -> str:
    """Return the propstat that says all of it was done."""
    return writer.propstat(_empties(names), 200)


def none_done(names: Sequence[str], culprits: Sequence[str], error: GotganError, *, realm: str = DAV) -> str:
    """Return the propstats of a refusal: the culprits with their reason, the rest as 424 (RFC 4918 9.2.1)."""
    others = [name for name in names if name not in culprits]
    refused = writer.propstat(_empties(culprits), conditions.status_of(error), conditions.condition_of(error, realm))
    return refused + (writer.propstat(_empties(others), 424) if others else "")


def _empties(names: Iterable[str]) -> str:
    return "".join(writer.tags(name)[2] for name in dict.fromkeys(names))
