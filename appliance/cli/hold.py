"""What `gotgan doctor` says about a server that was set back, and `gotgan doctor --release`, which ends a hold.

Every choice is told with what it costs before it can be made. Nothing is released without a word that says how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from appliance import errors
from appliance.cli.house import House
from appliance.clock import from_micros

if TYPE_CHECKING:
    from appliance.household.held import Knower, Report
    from appliance.household.release import Part, Released
    from appliance.store.holds import Choice

ASK = "gotgan doctor --release"
ENDED_IN = {"keep": "phones keep what only they have", "accept": "phones drop what is not here"}


# --- what happened ----------------------------------------------------------------------------------


def told(house: House, reports: Iterable[Report]) -> list[str]:
    """Return what is said about every hold and doubt that waits for a word, or for what was decided about it."""
    said: list[str] = []
    for report in reports:
        said += _proven(house, report) if report.hold.device_id is None else _doubt(house, report)
    return said


def _proven(house: House, report: Report) -> list[str]:
    if not report.is_open:
        return _decided(house, report)
    shown_by = ["the witness file outside of its disk"] if report.by_witness else []
    shown_by += [f"what {knower.name} showed" for knower in report.knowers]
    state = "of an earlier day" if report.common_at is None else f"of {house.shown(from_micros(report.common_at))}"
    said = [
        (
            "This server was set back to an older state. Its address books and calendars have been on hold since"
            f" {house.shown(from_micros(report.hold.since_at))}; files are not concerned."
        ),
        (
            f"It is known by {_listed(shown_by)}. What is here is the state {state}, and what was written since;"
            " what the lost time brought is not here."
        ),
        *_knowing(report.knowers),
        *_missing(report),
        (
            "Meanwhile phones get no listings and delete nothing; what is edited on them arrives here."
            f" {ASK} lists the choices."
        ),
    ]
    said += [_part(house, report, each.choice, each.at) for each in report.decisions[:1]]
    return said


def _decided(house: House, report: Report) -> list[str]:
    """Return what still waits after the decision; nothing when all is settled."""
    said = [
        f"{knower.name} only compares listings and may still have what was lost; it waits at"
        f" {_listed(knower.addresses)} until you say {ASK} accept --device {knower.device_id}: then it drops that."
        for knower in report.waiting
    ]
    return said + _missing(report)


def _doubt(house: House, report: Report) -> list[str]:
    if not report.is_open:
        return _decided(house, report)
    hold = report.hold
    name = report.knowers[0].name if report.knowers else f"Device {hold.device_id}"
    since = house.shown(from_micros(hold.since_at))
    return [
        (
            f"{name} shows a state of {hold.address} that this server never had, since {since}. Either this server"
            " was set back to an older state, or the device made it up; only this device waits, and deletes nothing."
            f" {ASK} keep --device {hold.device_id} lets it keep what it has, {ASK} accept --device {hold.device_id}"
            " lets it drop what is not here."
        )
    ]


def _knowing(knowers: Sequence[Knower]) -> list[str]:
    if not knowers:
        return ["No device has shown yet that it knows newer things; those that only compare listings never do."]
    return [f"These know newer things: {_each(knowers)}."]


def _missing(report: Report) -> list[str]:
    return [
        f"{sign.address} is asked for, and is not here: {ASK} keep {sign.address} makes it anew, empty, so that phones"
        f" keep what they have in it; {ASK} accept {sign.address} lets them drop it."
        for sign in report.missing
    ]


def _part(house: House, report: Report, choice: str, at: int) -> str:
    return f"For a part of it, {ENDED_IN[choice]} since {house.shown(from_micros(at))}."


def _each(knowers: Sequence[Knower]) -> str:
    return "; ".join(f"{knower.name}: {_listed(knower.addresses)}" for knower in knowers)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else "nothing"


# --- the choices ------------------------------------------------------------------------------------


def choices(reports: Sequence[Report]) -> list[str]:
    """Return the choices with what each costs; a sentence when there is nothing to choose."""
    waiting = [report for report in reports if report.is_open]
    if not waiting:
        return ["Nothing is on hold."]
    proven = [report for report in waiting if report.hold.device_id is None]
    said = [
        (
            "What only phones have comes back by no choice of its own: a phone sends what was edited on it, nothing"
            " else. It can be exported on the phone (.vcf, .ics) and imported here, before or after."
        ),
    ]
    for report in proven:
        said += _choices_of(report)
    said += [sentence for report in waiting if report.hold.device_id is not None for sentence in _doubt_choice(report)]
    return said


def _choices_of(report: Report) -> list[str]:
    count = len(report.knowers)
    devices = "1 device is" if count == 1 else f"{count} devices are"
    anew = [sign.address for sign in report.missing]
    return [
        f"{ASK} keep (the usual choice): phones keep what they have, hear what changed here, and send what is edited on"
        " them from now on. What only one phone has stays on that phone alone. Programs that only compare listings,"
        " such as Evolution, go on waiting, for a listing would delete: each is named here, to be let go by itself."
        + (f" Made anew, empty, because phones asked for it: {_listed(anew)}." if anew else ""),
        (
            f"{ASK} accept: the loss is accepted, and phones drop what is not here. {devices} known to have newer"
            " things, others may. It cannot be taken back from here."
        ),
        (
            "Either may be said for one address book or calendar (its address behind the word) or for one device"
            " (--device), and changed later."
        ),
    ]


def _doubt_choice(report: Report) -> list[str]:
    device_id = report.hold.device_id
    name = report.knowers[0].name if report.knowers else f"Device {device_id}"
    return [
        f"{ASK} keep --device {device_id}: {name} keeps what it has of {report.hold.address} and hears what is here.",
        f"{ASK} accept --device {device_id}: {name} drops what is not here.",
    ]


# --- ending it --------------------------------------------------------------------------------------


def choice_of(word: str, collections: Sequence[str]) -> tuple[Choice, list[str]]:
    """Return the choice and the addresses of `--release WORD ADDRESS …`; an address as the word means keep."""
    if word == "accept":
        return "accept", list(collections)
    if word == "keep":
        return "keep", list(collections)
    return "keep", [word, *collections]


def end(house: House, choice: Choice, addresses: Sequence[str], device: str | None) -> list[str]:
    """End what was named and return what was done, in sentences; NotPossible, NotFound, WrongCall."""
    from appliance.household.opening import FIRST_SHELL_ID, HOUSEHOLD_ID
    from appliance.household.release import release
    from appliance.store.ledger import Author

    said: list[str] = []
    for part in _parts(house, addresses, device):
        author = Author(HOUSEHOLD_ID, FIRST_SHELL_ID)
        done = release(house.ledger, author, choice, part, mark=house.settings.witness)
        said += _done(choice, done)
    return said


def _done(choice: Choice, done: Released) -> list[str]:
    said = [f"The hold is released: {ENDED_IN[choice]}."]
    if done.anew:
        said.append(f"Made anew, empty: {_listed(done.anew)}.")
    return said


def _parts(house: House, addresses: Sequence[str], device: str | None) -> list[Part]:
    from appliance.household.release import Part
    from appliance.tree.scopes import read_device

    reading = house.database.connection()
    device_id = None if device is None else read_device(reading, device).id
    if not addresses:
        return [Part(device_id)]
    return [_part_at(house, address.strip("/"), device_id) for address in addresses]


def _part_at(house: House, address: str, device_id: int | None) -> Part:
    """Return the collection that an address names, or one that phones asked for and that is not here."""
    from appliance.household import held
    from appliance.household.release import Part
    from appliance.store import mounts, past

    reading = house.database.connection()
    if any(sign.address == address for report in held.reports(reading) for sign in report.missing):
        return Part(missing=address)
    member = past.locate(reading, address.split("/"), seq=None)
    mount = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
    found_id = member.resource_id if mount is None else mount.target_id
    if member.kind not in ("addressbook", "calendar", "mount", "folder"):
        raise errors.NotPossible(f"{address} is no address book and no calendar.")
    return Part(device_id, found_id)
