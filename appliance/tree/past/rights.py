"""Who may look into the past: whoever may look today (protocol F4).

A collection is judged by where it is, one that was deleted by where it was last. Its owner always may. A share opens
the past of what it shows as long as both are there; a share that was withdrawn opens nothing. The household owns
things and is nobody: what it had is open to those who were shown it, also when it is gone.
"""

from __future__ import annotations

from appliance.store import mounts, past
from appliance.store.past import Ancestor
from appliance.tree.visit import Visit


def may_look(visit: Visit, collection_id: int) -> bool:
    """Return whether the reader may see what a collection held at any time."""
    chain = past.ancestry(visit.reading, collection_id)
    if not chain:
        return False
    owner_id = chain[-1].owner_id
    if owner_id == visit.person.id:
        return True
    shown = chain if owner_id == visit.services.household.person.id else _living(chain)
    homes = (visit.person.addressbook_home_id, visit.person.calendar_home_id, visit.person.files_home_id)
    return len(shown) > 0 and len(mounts.rights_in(visit.reading, homes, [each.id for each in shown])) > 0


def _living(chain: list[Ancestor]) -> list[Ancestor]:
    """Return what lies above everything that was deleted: a share of the rest is dark today."""
    dead = [position for position, each in enumerate(chain) if not each.alive]
    return chain[dead[-1] + 1 :] if dead else chain
