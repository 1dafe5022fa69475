"""What a power cut left of a batch's own writing: a file or an empty folder that has its name, and no row of the batch.

The next look at the disk signs it as the disk's. A batch that goes on would find it there and leave it; taking the
batch back would leave it, too. So it is taken off first, or given back what it had before, recoverably and in nobody's
batch, and written again. Refuses whatever lay there before the batch began, changed twice since, or was signed.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.dav.contracts import Conditions, Upload
from appliance.store import batches
from appliance.store.bodies import Bodies
from appliance.store.placing_leftovers import is_younger, leftover
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.pieces import Pieces
from appliance.tree.site import TreeSite


def take_off(holder: FolderNode, there: FileNode | FolderNode) -> bool:
    """Make what the batch of a visit has left in `holder` what it was before; False: it is not its own.

    Whoever asks knows that a file has the octets that the batch wants there. Raises what a DELETE and a PUT raise.
    """
    entry, visit = there.entry, holder.visit
    if entry is None or visit.batch_id is None:
        return False
    begun_at = batches.of(visit.reading, visit.batch_id).at
    if not is_younger(entry, begun_at):
        return False
    if not entry.is_known:
        entry = visit.services.writer.settle_name(holder.folder, entry.name)
    found = None if entry is None else leftover(visit.reading, entry, begun_at)
    if entry is None or found is None or (entry.is_folder and _holds_some(there)):
        return False
    signed = TreeSite(replace(visit, batch_id=None), holder.site.swept_later)
    address = (*holder.address, entry.name)
    if found.replaced_id is None:
        signed.find(address).delete(Conditions(if_match=None if entry.is_folder else entry.etag))
        return True
    octets = Bodies(visit.services.files).read(visit.reading, found.replaced_id, of=entry.resource_id)
    target, name = signed.place(address)
    target.put(name, Upload(Pieces(octets), None), Conditions(if_match=entry.etag))
    return True


def _holds_some(there: FileNode | FolderNode) -> bool:
    return isinstance(there, FolderNode) and next(iter(there.members()), None) is not None
