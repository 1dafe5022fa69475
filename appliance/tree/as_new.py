"""A copy of a contact or event as it was, as one of its own: with a UID of its own, beside what is there now."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace

from appliance import errors
from appliance.dav.contracts import Address, Conditions, Upload
from appliance.history.acts import Act
from appliance.objects.identities import with_uid
from appliance.store import batches, importing
from appliance.store.ledger import Author
from appliance.tree.hall import Hall
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.site import TreeSite


def put_as_new(hall: Hall, author: Author, octets: bytes, holder: Address, about: Act) -> int:
    """Put a copy of a contact or event beside it, as one of its own with a UID of its own; return the batch.

    Raises what a PUT there would raise.
    """
    ledger, uid = hall.services.ledger, str(uuid.uuid4())
    told = replace(about, beside=about.name).to_json()
    batch_id = importing.begin(ledger, author, uid, kind="restore", about=told)
    try:
        site = hall.site(replace(author, batch_id=batch_id))
        collection = TreeSite(replace(site.visit, keeps_refused=False), site.swept_later).find(holder)
        if not isinstance(collection, ObjectCollection):
            raise errors.NotPossible("Only contacts and events can be put beside as new ones.")
        body = with_uid(octets, uid)
        collection.add(Upload(io.BytesIO(body), len(body)), Conditions())
    finally:
        batches.become(ledger, batch_id, "done")
    return batch_id
