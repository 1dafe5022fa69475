"""`gotgan import`: contacts, events and files of elsewhere into a collection, as one change that can be taken back."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import errors
from appliance.cli import folder, import_report, taking_back

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.importing import Mode, Report
    from appliance.household.people import Person
    from appliance.store.ledger import Author
    from appliance.store.sources import Source
    from appliance.tree.folder import FolderNode
    from appliance.tree.site import TreeSite

SUFFIXES = {"addressbooks": (".vcf", ".vcard"), "calendars": (".ics", ".ical", ".ifb")}
PASSWORD_VARIABLE = "GOTGAN_REMOTE_PASSWORD"  # noqa: S105 - its name
LONGEST_LINE_BYTES = 8192
HOLDS = {"addressbooks": "contact", "calendars": "event"}

_URL = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    source: str
    into: tuple[str, ...]
    mode: Mode
    encoding: str | None
    asked: taking_back.Asked


@click.command("import")
@folder.data_option
@click.argument("source", metavar="FILE|DIR|URL")
@click.option("--into", "address", required=True, metavar="ADDRESS", help="Such as addressbooks/anna/contacts.")
@click.option("--keep-existing", "keeps", is_flag=True, help="Leave alone what is there and differs.")
@click.option("--merge", "merges", is_flag=True, help="Only add fields that are missing to what is there and differs.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--encoding", metavar="NAME", help="The encoding of what is no UTF-8; else it is found out.")
@click.option("--user", metavar="NAME", help="The user name at a remote folder.")
@click.option("--password-stdin", is_flag=True, help="Read the remote password from standard input.")
@click.option("--insecure", is_flag=True, help="Allow plain http to a machine outside of this network.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def import_(
    data: Path, source: str, address: str, keeps: bool, merges: bool, dry_run: bool, encoding: str | None,  # noqa: FBT001
    user: str | None, password_stdin: bool, insecure: bool, as_json: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Bring contacts, events or files into a collection.

    They come from a .vcf or .ics file, a folder of files, or a remote WebDAV folder, into the collection at ADDRESS.
    Contacts and events are compared by UID; what differs is replaced, and what was there is a version. All of it can
    be taken back by one gotgan undo. Cut off in the middle, the same import again brings the rest.
    """
    from appliance.objects.charsets import is_encoding

    if encoding is not None and not is_encoding(encoding):
        raise errors.WrongCall(f'"{encoding}" is no encoding that could be meant; examples are cp949 and latin-1.')
    into = tuple(segment for segment in address.split("/") if segment)
    wish = _Wish(source, into, _mode(keeps=keeps, merges=merges), encoding, taking_back.Asked(dry_run, as_json))
    _require_call(wish)
    with contextlib.ExitStack() as stack:
        remote: Source | None = None
        if _URL.match(source):
            remote = stack.enter_context(_remote(source, user, from_stdin=password_stdin, insecure=insecure))
        house = stack.enter_context(taking_back.whole_house(data))
        report = _run(house, wish, remote)
        import_report.tell(report, "/".join(wish.into), wish.asked)


def _mode(*, keeps: bool, merges: bool) -> Mode:
    from appliance.history.importing import Mode

    if keeps and merges:
        raise errors.WrongCall("--keep-existing and --merge exclude each other.")
    return Mode.KEEP if keeps else Mode.MERGE if merges else Mode.REPLACE


def _require_call(wish: _Wish) -> None:
    """Raise WrongCall for what cannot be meant."""
    into = wish.into
    if len(into) < 2 or into[0] not in (*SUFFIXES, "files") or (into[0] != "files" and len(into) != 3):
        raise errors.WrongCall(
            "--into needs the address of an address book, a calendar or a folder, such as addressbooks/anna/contacts,"
            " calendars/anna/calendar or files/anna/photos."
        )
    if into[0] != "files" and _URL.match(wish.source):
        raise errors.WrongCall("From another server, files can be imported: --into files/PERSON/FOLDER.")
    if into[0] == "files" and wish.mode == "merge":
        raise errors.WrongCall("Files have no fields to merge; leave out --merge, or say --keep-existing.")


@contextlib.contextmanager
def _remote(url: str, user: str | None, *, from_stdin: bool, insecure: bool) -> Iterator[Source]:
    from appliance.remote.webdav import RemoteTree, checked_address

    address = checked_address(url, insecure=insecure)
    secret = None if user is None else _password(user, from_stdin=from_stdin)
    with RemoteTree.opened(address, user, secret) as tree:
        yield tree


def _password(user: str, *, from_stdin: bool) -> str:
    """Return the password: from standard input, the environment, or whoever sits there; never from the call itself."""
    if from_stdin:
        return sys.stdin.buffer.readline(LONGEST_LINE_BYTES).decode("utf-8", "replace").rstrip("\r\n")
    said = os.environ.get(PASSWORD_VARIABLE)
    return said if said is not None else str(click.prompt(f"Password of {user}", hide_input=True, err=True))


def _run(house: House, wish: _Wish, remote: Source | None) -> Report:
    """Carry out an import as one batch and return what it did."""
    from appliance.history.importing import Report
    from appliance.tree.importing_batches import act_of, one_batch

    report = Report()
    author = taking_back.shell_of(house, _owner(house, wish.into[1]))
    if wish.asked.dry_run:
        _bring(house, wish, author, remote, report)
        return report
    ledger = house.services.ledger
    told_apart = f"{wish.source if remote else Path(wish.source).absolute()} {'/'.join(wish.into)} {wish.mode}"
    source = wish.source if remote is not None else Path(wish.source).absolute().name
    about = act_of(ledger.database.connection(), wish.into, source)
    with one_batch(ledger, author, told_apart, about, report) as signed:
        _bring(house, wish, signed, remote, report)
    return report


def _owner(house: House, slug: str) -> Person:
    from appliance.household import people

    owner = people.person_named(house.services.ledger.database.connection(), slug)
    if owner is None:
        raise errors.NotFound(f"There is nobody called {slug}; gotgan person list shows who is there.")
    return owner


def _bring(house: House, wish: _Wish, author: Author, remote: Source | None, report: Report) -> None:
    site = house.site(author)
    if wish.into[0] == "files":
        _bring_files(house, wish, site, remote, report)
    else:
        _bring_objects(house, wish, site, report)


# --- contacts and events ----------------------------------------------------------------------------


def _bring_objects(house: House, wish: _Wish, site: TreeSite, report: Report) -> None:
    from appliance.cli.progress import progress
    from appliance.tree.importing import ObjectImport
    from appliance.tree.object_collection import ObjectCollection

    try:
        collection = site.find(wish.into)
    except errors.NotFound as error:
        raise errors.NotFound(f"There is no collection at {'/'.join(wish.into)}; it has to be made first.") from error
    assert isinstance(collection, ObjectCollection)
    found = _object_files(Path(wish.source), wish.into[0])
    sizes = sum(path.stat().st_size for _, path in found) or 1
    work = ObjectImport(collection, house.bodies, wish.mode, report, dry_run=wish.asked.dry_run)
    with progress("Importing") as told:
        read = 0
        for where, path in found:
            try:
                heard = _after(read, sizes * work.passes, told)
                if not work.take_file(where, path, house.services.settings.data, heard, encoding=wish.encoding):
                    return
                read += work.passes * path.stat().st_size
            except OSError as error:
                report.leave(where, None, f"It cannot be read: {error.strerror}.")
        if not work.finish():
            return
    if not report.counts and not report.left_count:
        raise errors.NotPossible(f"There is no {HOLDS[wish.into[0]]} in {wish.source}.")


def _after(before_bytes: int, all_bytes: int, told: Callable[[float], None]) -> Callable[[int], None]:
    """Return who hears how much of one file was read, and tells the share of all."""
    return lambda read_bytes: told((before_bytes + read_bytes) / all_bytes)


def _object_files(source: Path, node: str) -> list[tuple[str, Path]]:
    """Return (name to be told, path) of the file, or of those in a folder and below; NotPossible for none."""
    if source.is_file():
        return [(source.name, source)]
    if not source.is_dir():
        raise errors.NotPossible(f"There is no file or folder {source}.")
    found = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() in SUFFIXES[node] and path.is_file() and not path.is_symlink()
    )
    if not found:
        raise errors.NotPossible(f"There is no {SUFFIXES[node][0]} file in {source}.")
    return [(str(path.relative_to(source)), path) for path in found]


# --- files ------------------------------------------------------------------------------------------


def _bring_files(house: House, wish: _Wish, site: TreeSite, remote: Source | None, report: Report) -> None:
    from appliance.cli.progress import progress
    from appliance.store.sources import LocalTree, local_file, total_bytes
    from appliance.tree.importing_files import FileImport
    from appliance.watch.background import hidden_by

    source: Source
    single = None
    if remote is not None:
        source = remote
    else:
        path = _apart(Path(wish.source), house)
        if path.is_dir():
            source = LocalTree(path)
        else:
            source, single = local_file(path)
    target = _folder(site, wish)
    with progress("Importing") as told:
        done = 0
        all_bytes = (single.size_bytes if single else None) or (total_bytes(source) if sys.stderr.isatty() else 0) or 1

        def reached(size_bytes: int) -> None:
            nonlocal done
            done += size_bytes
            told(done / all_bytes)

        is_hidden = hidden_by(house.services.settings.hidden_files)
        work = FileImport(wish.mode, report, is_hidden=is_hidden, dry_run=wish.asked.dry_run, reached=reached)
        work.take(source, target) if single is None else work.take_one(source, single, target)


def _apart(source: Path, house: House) -> Path:
    """Return a path apart from the data folder; WrongCall else, for it would be read while it grows."""
    path, data = source.resolve(), house.services.settings.data.resolve()
    if path.is_relative_to(data) or data.is_relative_to(path):
        raise errors.WrongCall(f"{source} and the data folder {data} are in each other; import from somewhere else.")
    return path


def _folder(site: TreeSite, wish: _Wish) -> FolderNode | None:
    """Return the folder to import into, made where its last segment is missing; None: a dry run would make it."""
    from appliance.dav.contracts import Conditions, Kind, NewCollection
    from appliance.tree.folder import FolderNode

    try:
        found = site.find(wish.into)
    except errors.NotFound:
        holder, name = site.place(wish.into)
        if wish.asked.dry_run:
            return None
        holder.make(name, NewCollection(Kind.FOLDER), Conditions())
        found = site.find(wish.into)
    if not isinstance(found, FolderNode):
        raise errors.NotPossible(f"{'/'.join(wish.into)} is a file; files are imported into a folder.")
    return found
