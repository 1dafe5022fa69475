"""Which octets a `Wanted` means for a file, and whether it has them already. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

from appliance import errors
from appliance.store import content, placing
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.store.placing import Standing, Wanted
from appliance.store.placing_leftovers import digest_of


@dataclass(frozen=True, slots=True)
class Octets:
    """The body that a file is to have; `modified_at` None: the date does not matter."""

    digest: bytes
    size: int
    content_id: int | None
    given: bytes | None
    modified_at: int | None


def octets_of(reading: Reading, wanted: Wanted, standing: Standing) -> Octets | None:
    """Return the body that the file is to have, None: the one it has."""
    body = wanted.body or (placing.last_body(reading, wanted.resource_id) if standing.before is None else None)
    if wanted.kind != "file" or body is None:
        return None
    if body.octets is not None:
        return Octets(content.digest_of(body.octets), len(body.octets), None, body.octets, body.modified_at)
    content_id = body.content_id
    if content_id is None:  # another date of the same octets
        content_id = None if standing.before is None else standing.before.content_id
    row = None if content_id is None else content.row_of(reading, content_id)
    if row is None:
        raise errors.ContentMissing("The content is not in the database.")
    return Octets(row.digest, row.size, row.id, None, body.modified_at)


def is_so(reading: Reading, wanted: Wanted, standing: Standing, octets: Octets | None) -> bool:
    """Return whether a file or folder is as wanted already, its octets and their date as well."""
    if not placing.is_so(reading, wanted, standing, None):
        return False
    before = standing.before
    return before is None or octets is None or (has(reading, before, octets) and _has_date(before, octets))


def has(reading: Reading, before: Member | None, octets: Octets) -> bool:
    """Return whether a member has these octets."""
    return before is not None and digest_of(reading, before) == octets.digest


def _has_date(before: Member, octets: Octets) -> bool:
    return octets.modified_at in (None, before.modified_at)
