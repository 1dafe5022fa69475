"""The roof: everything is built once, here, and passed down. granian's worker calls `build`.

Order matters at start: migrate, open the database, found what a first start founds, then let the door open. The scan
of the files runs behind it: until it has been everywhere, ETags come from the disk itself.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from appliance import errors, settings
from appliance.clock import Clock, SystemClock
from appliance.dav.contracts import Site
from appliance.dav.server import Dav
from appliance.endpoints.dav import DavDoor
from appliance.endpoints.gateway import Gateway
from appliance.endpoints.pages import make_pages
from appliance.endpoints.wsgi import respond_with_wsgi
from appliance.household import opening, people, secrets
from appliance.household.devices import passwords_exist
from appliance.household.doorkeeper import Doorkeeper, SignedIn
from appliance.household.sightings import Sightings
from appliance.household.throttle import Throttle
from appliance.settings import Settings
from appliance.store import content, refused
from appliance.store.bodies import Bodies
from appliance.store.file_moves import FileMover
from appliance.store.file_writes import FileWriter
from appliance.store.files import Files, Folder
from appliance.store.ledger import Author, Ledger
from appliance.store.observe import Observer
from appliance.store.placing_files import FilePlacer
from appliance.store.sweep import Sweeper
from appliance.tree.restoring import TreeWriter
from appliance.tree.site import TreeSite
from appliance.tree.visit import Services, Visit
from appliance.watch.settling import Settling


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of one process, built and connected."""

    services: Services
    settling: Settling
    sightings: Sightings
    door: DavDoor
    observer: Observer
    sweeper: Sweeper
    bodies: Bodies
    placer: FilePlacer

    def writer(self, author: Author) -> TreeWriter:
        """Return who writes the steps of a restore for a device; it may do what its person may. NotFound: nobody."""
        person = None
        if author.person_id is not None:
            person = people.person(self.services.ledger.database.connection(), author.person_id)
        if person is None or author.device_id is None:
            raise errors.NotFound("There is nobody of this name.")
        site = TreeSite(Visit(self.services, person, author.device_id), self.settling.sweep_soon)
        return TreeWriter(site, self.placer, self.bodies)

    def open(self) -> None:
        """Start what works in the background."""
        self.sightings.start()
        self.settling.start(self.observer, self.sweeper)

    def close(self) -> None:
        """Stop it, and close the database."""
        self.settling.close()
        self.sightings.close()
        self.services.ledger.database.close()


def build() -> Gateway:
    """Return the ASGI application for the data folder that the environment names."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    data = Path(os.environ.get("GOTGAN_DATA", "data"))
    chosen = settings.load(data, os.environ)
    house = furnish(chosen, SystemClock())
    house.open()
    database = house.services.ledger.database
    return Gateway(house.door.respond, threads=chosen.threads, thread_done=database.close_thread, stopped=house.close)


def furnish(chosen: Settings, clock: Clock) -> House:
    """Build every room on a data folder, migrated and founded first. Nothing runs yet."""
    ledger = opening.open_ledger(chosen, clock)
    database = ledger.database
    household = opening.open_household(ledger, chosen)
    services, settling, observer, sweeper = _tree_services(chosen, clock, ledger, household)
    sightings = Sightings(database, clock)
    key = secrets.device_key(chosen.data, expected=passwords_exist(database.connection()))
    doorkeeper = Doorkeeper(database, key, Throttle(time.monotonic), sightings)
    pages = make_pages(lambda: database.connection().execute("SELECT 1").fetchone() is not None)
    door = DavDoor(Dav(), doorkeeper, _site_maker(services, settling), respond_with_wsgi(pages.wsgi_app))
    bodies = Bodies(services.files)
    placer = FilePlacer(services.writer, bodies, sweeper)
    return House(services, settling, sightings, door, observer, sweeper, bodies, placer)


def _tree_services(
    chosen: Settings, clock: Clock, ledger: Ledger, household: opening.Household
) -> tuple[Services, Settling, Observer, Sweeper]:
    blobs = content.Blobs(chosen.data / "store", ledger.database)
    reserve = refused.Reserve(chosen.data / "reserve", chosen.refused_reserve_bytes)
    reserve.fill()
    settling = Settling(lambda: _homes(ledger))
    files = Files(chosen.data / "files", ledger, blobs, noticed=settling.notice)
    observer = Observer(files, is_hidden=_hidden(chosen.hidden_files))
    writer = FileWriter(files, observer, chosen.data / "aside")
    services = Services(
        settings=chosen, clock=clock, ledger=ledger, household=household, blobs=blobs, files=files, writer=writer,
        mover=FileMover(writer), reserve=reserve, free_bytes=lambda path: shutil.disk_usage(path).free,
    )  # fmt: skip
    return services, settling, observer, Sweeper(files, chosen.data / "aside")


def _homes(ledger: Ledger) -> Sequence[Folder]:
    everybody = people.people(ledger.database.connection())
    return [Folder((person.name,), person.files_home_id) for person in everybody]


def _hidden(patterns: Sequence[str]) -> Callable[[str], bool]:
    return lambda name: any(fnmatchcase(name, pattern) for pattern in patterns)


def _site_maker(services: Services, settling: Settling) -> Callable[[SignedIn], Site]:
    def site(signed_in: SignedIn) -> Site:
        return TreeSite(Visit(services, signed_in.person, signed_in.device.id), settling.sweep_soon)

    return site
