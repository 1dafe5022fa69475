"""The roof: everything is built once, here, and passed down. granian's worker calls `build`.

Order matters at start: migrate, open the database, found what a first start founds, then let the door open. The scan
of the files runs behind it: until it has been everywhere, ETags come from the disk itself.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance import settings
from appliance.clock import Clock, SystemClock
from appliance.dav.contracts import Site
from appliance.dav.server import Dav
from appliance.endpoints.dav import DavDoor
from appliance.endpoints.gateway import Gateway
from appliance.endpoints.health import show_health
from appliance.endpoints.wsgi import respond_with_wsgi
from appliance.history.pruning import Pruner, chosen_policy
from appliance.history.rereading import Rereader
from appliance.household import opening, secrets
from appliance.household.devices import passwords_exist
from appliance.household.doorkeeper import Doorkeeper, SignedIn
from appliance.household.entrance import Entrance, make_entrance
from appliance.household.sightings import Sightings
from appliance.household.throttle import Throttle
from appliance.settings import Settings
from appliance.store import chunks, refused
from appliance.store.bodies import Bodies
from appliance.store.file_moves import FileMover
from appliance.store.file_writes import FileWriter
from appliance.store.ledger import Author
from appliance.store.placing_files import FilePlacer
from appliance.store.witness import Witness
from appliance.tree.carrying import Carrier
from appliance.tree.hall import Hall
from appliance.tree.restoring import TreeWriter
from appliance.tree.site import TreeSite
from appliance.tree.visit import Services, Visit
from appliance.watch import background
from appliance.watch.background import Background
from web.application import make_pages
from web.rooms import Rooms


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of one process, built and connected."""

    hall: Hall
    entrance: Entrance
    background: Background
    sightings: Sightings
    door: DavDoor
    witness: Witness
    carrier: Carrier
    rereader: Rereader

    @property
    def services(self) -> Services:
        """What the tree is built from."""
        return self.hall.services

    @property
    def bodies(self) -> Bodies:
        """Where octets are read."""
        return self.hall.bodies

    def site(self, author: Author) -> TreeSite:
        """Return the address space as a device of a person sees it; NotFound: nobody."""
        return self.hall.site(author)

    def writer(self, author: Author) -> TreeWriter:
        """Return who writes the steps of a restore for a device; it may do what its person may. NotFound: nobody."""
        return self.hall.writer(author)

    def open(self) -> None:
        """Start what works in the background."""
        self.sightings.start()
        self.background.open()
        self.witness.start()

    def close(self) -> None:
        """Stop it, and close the database."""
        self.carrier.close()
        self.rereader.close()
        self.background.close()
        self.sightings.close()
        self.witness.close()
        self.services.ledger.database.close()


def build() -> Gateway:
    """Return the ASGI application for the data folder that the environment names."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    data = Path(os.environ.get("GOTGAN_DATA", "data"))
    chosen = settings.load(data, os.environ)
    house = furnish(chosen, SystemClock())
    house.open()
    _collect_seldom()
    database = house.services.ledger.database
    return Gateway(house.door.respond, threads=chosen.threads, thread_done=database.close_thread, stopped=house.close)


def _collect_seldom() -> None:
    """Look for garbage in cycles less often, and never among what lives as long as the process.

    A listing makes some ten thousand values, none of them in a cycle: looking through them after every 700 cost a
    fifth of a sync of 10,000 and a quarter of a multiget. 20,000 values are about 3 MB.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def furnish(chosen: Settings, clock: Clock) -> House:
    """Build every room on a data folder, migrated and founded first. Nothing runs yet."""
    chunks.require_compiled()
    ledger = opening.open_ledger(chosen, clock)
    database = ledger.database
    household = opening.open_household(ledger, chosen)
    behind = background.furnish(chosen, ledger, household.time_zone)
    pruner = Pruner(ledger, chosen_policy(chosen, household.time_zone))
    behind.also(idle=(pruner.prune_some,), nightly=(pruner.prune_some,))  # by day where the box is off at night
    sightings = Sightings(database, clock)
    services = _tree_services(chosen, clock, household, behind, sightings)
    key = secrets.device_key(chosen.data, expected=passwords_exist(database.connection()))
    doorkeeper = Doorkeeper(database, key, Throttle(time.monotonic), sightings)
    bodies = Bodies(services.files)
    placer = FilePlacer(services.writer, bodies, behind.duties.sweeper)
    hall = Hall(services, bodies, placer, behind.settling.sweep_soon)
    entrance = make_entrance(
        ledger, chosen, household, key=key, mover=services.mover, sightings=sightings, seconds=time.monotonic
    )
    carrier = Carrier(hall)
    rereader = Rereader(services.writer, chosen.data, behind.observer.require_there)
    pages = make_pages(Rooms(hall, entrance, carrier, rereader))
    show_health(pages, lambda: database.connection().execute("SELECT 1").fetchone() is not None)
    door = DavDoor(Dav(), doorkeeper, _site_maker(services, behind), respond_with_wsgi(pages.wsgi_app))
    return House(hall, entrance, behind, sightings, door, Witness(ledger, chosen.witness), carrier, rereader)


def _tree_services(
    chosen: Settings, clock: Clock, household: opening.Household, behind: Background, sightings: Sightings
) -> Services:  # fmt: skip
    reserve = refused.Reserve(chosen.data / "reserve", chosen.refused_reserve_bytes)
    reserve.fill()
    files = behind.files
    writer = FileWriter(files, behind.observer, chosen.data / "aside")
    return Services(
        settings=chosen, clock=clock, ledger=files.ledger, household=household, blobs=files.blobs, files=files,
        writer=writer, mover=FileMover(writer), reserve=reserve,
        free_bytes=lambda path: shutil.disk_usage(path).free, sightings=sightings,
    )  # fmt: skip


def _site_maker(services: Services, behind: Background) -> Callable[[SignedIn], Site]:
    def site(signed_in: SignedIn) -> Site:
        return TreeSite(Visit(services, signed_in.person, signed_in.device.id), behind.settling.sweep_soon)

    return site
