"""All history of an export: every row of the ledger as a line, and the octets of every version once.

Octets that lie in the export anyway, those of a present file, are not written again. What retention let go, or what
cannot be read, has no file; its line stays, so that the story is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from appliance import errors
from appliance.history.export_targets import Target
from appliance.history.exporting import Exporter, said_at
from appliance.store import past
from appliance.store.exporting import PastRow, Span, properties_of, rows_of, spans_below

SUFFIXES = {"card": ".vcf", "event": ".ics"}


class Who(NamedTuple):
    """A device and its person, as people call them."""

    person: str
    device: str


class PastExporter:
    """Writes `history/` of an export. `devices` says who wrote a row."""

    def __init__(self, exporter: Exporter, devices: Mapping[int, Who]) -> None:
        self._exporter = exporter
        self._devices = devices
        self._written: dict[int, str] = {}  # contents by where they are
        self._missing: set[int] = set()
        self._paths: dict[int, str] = {}

    def write(self, target: Target, collection_ids: Sequence[int]) -> None:
        """Write everything that was ever in some collections and below."""
        reading, last = self._exporter.reading, self._exporter.seq
        spans = [span for collection_id in collection_ids for span in spans_below(reading, collection_id, last)]
        for span in spans:
            for row in rows_of(reading, span, last):
                self._keep(target, row)
        target.add(("history", "versions.jsonl"), self._lines(spans))
        target.add(("history", "properties.jsonl"), self._properties(spans))

    def _keep(self, target: Target, row: PastRow) -> None:
        """Write the octets of a version unless they are there, or gone."""
        content_id = row.content_id
        if content_id is None or row.digest is None or content_id in self._written or content_id in self._missing:
            return
        placed = self._exporter.placed.get(content_id)
        if placed is not None:
            self._written[content_id] = placed
            return
        name = f"{row.digest.hex()}{SUFFIXES.get(row.kind, '')}"
        path = ("history", "octets", name[:2], name)
        try:
            if row.place == "none":
                raise errors.ContentThinned("It is not kept any more.")
            target.add(path, self._exporter.pieces(content_id, of=row.resource_id))
        except errors.ContentThinned:
            self._missing.add(content_id)  # its row stays, and says so
        except (errors.ContentMissing, errors.NotPossible) as error:
            self._missing.add(content_id)
            self._exporter.report.leave(f"{self._address(row)} as of change {row.seq}", str(error))
        else:
            self._written[content_id] = "/".join(path)

    def _lines(self, spans: Sequence[Span]) -> Iterator[bytes]:
        for span in spans:
            for row in rows_of(self._exporter.reading, span, self._exporter.seq):
                who = self._devices.get(row.device_id or 0)
                yield _line({
                    "seq": row.seq, "at": said_at(row.at),
                    "person": None if who is None else who.person, "device": None if who is None else who.device,
                    "op": row.op, "kind": row.kind, "resource": row.resource_id, "address": self._address(row),
                    "alive": bool(row.alive), "size": row.size, "modified_at": said_at(row.modified_at),
                    "digest": None if row.digest is None else row.digest.hex(),
                    "file": self._written.get(row.content_id or 0), "batch": row.batch_id, "note": row.note,
                })  # fmt: skip

    def _address(self, row: PastRow) -> str:
        if row.collection_id not in self._paths:
            self._paths[row.collection_id] = "/".join(past.path_of(self._exporter.reading, row.collection_id))
        return f"{self._paths[row.collection_id]}/{row.name}"

    def _properties(self, spans: Sequence[Span]) -> Iterator[bytes]:
        for span in spans:
            for one in properties_of(self._exporter.reading, span, self._exporter.seq):
                yield _line({
                    "resource": one.resource_id, "name": one.name, "from_seq": one.seq, "until_seq": one.until_seq,
                    "value": one.value,
                })  # fmt: skip


def _line(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
