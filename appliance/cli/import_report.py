"""What an import did, or would do, in words and for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from appliance import errors
from appliance.cli.words import counted

if TYPE_CHECKING:
    from appliance.cli.taking_back import Asked
    from appliance.history.importing import Left, Report

SHOWN = 20  # lines of each list; the counts are always complete

_SAID = (
    ("new", "{} new"), ("changed", "{} changed"), ("merged", "{} merged"), ("kept", "{} kept as they were"),
    ("same", "{} the same"),
)  # fmt: skip


def tell(report: Report, into: str, asked: Asked) -> None:
    """Say what was done, or would be; raise NotPossible when something could not be."""
    if asked.as_json:
        click.echo(json.dumps(_as_json(report, into, asked), ensure_ascii=False))
    else:
        _say(report, into, asked)
    if report.stopped is not None:
        done = counted(report.written, "was", "were")
        raise errors.NotPossible(f"{report.stopped} {done} imported; the same import goes on there.")
    if report.left_count:
        rest = "the rest was" if sum(report.counts.values()) else "there was nothing else"
        raise errors.NotPossible(f"{report.left_count:,} could not be imported; {rest}.")


def _say(report: Report, into: str, asked: Asked) -> None:
    from appliance.history.importing import Verdict

    for one in report.told[:SHOWN]:
        fields = f" ({', '.join(one.fields[:8])})" if one.fields and one.fields != ("*",) else ""
        stays = f", staying: {', '.join(one.staying[:8])}" if one.staying else ""
        click.echo(f"  {one.verdict.value}: {one.title or one.where}{fields}{stays}")
    if len(report.told) > SHOWN:
        click.echo(f"  … and more; --json has {len(report.told):,} of them")
    for remark, count in report.remarks.items():
        click.echo(f"  {counted(count, 'was', 'were')} {remark}.")
    _list(report.skipped, report.skipped_count, "skipped")
    _list(report.left, report.left_count, "left out")
    parts = [
        said.format(f"{report.counts[Verdict(verdict)]:,}")
        for verdict, said in _SAID
        if report.counts[Verdict(verdict)]
    ]
    what = ", ".join(parts) or "nothing"
    if asked.dry_run:
        click.echo(f"Into {into}, the import would bring: {what}.")
    elif report.batch_id is None:
        click.echo(f"Into {into}: {what}. Nothing was written." if parts else f"Into {into}: nothing was written.")
    else:
        click.echo(f"Into {into}: {what}. It is batch {report.batch_id}; gotgan undo {report.batch_id} takes it back.")


def _list(found: list[Left], count: int, word: str) -> None:
    for one in found[:SHOWN]:
        line = "" if one.line is None else f", line {one.line:,}"
        click.echo(f"  {word}: {one.where}{line}: {one.reason}")
    if count > SHOWN:
        click.echo(f"  … and {count - SHOWN:,} more {word}")


def _as_json(report: Report, into: str, asked: Asked) -> dict[str, Any]:
    from appliance.history.importing import Verdict

    def rows(found: list[Left]) -> list[dict[str, Any]]:
        return [{"where": one.where, "line": one.line, "reason": one.reason} for one in found]

    return {
        "dry_run": asked.dry_run,
        "into": into,
        "batch": report.batch_id,
        "counts": {verdict: report.counts[Verdict(verdict)] for verdict, _ in _SAID},
        "remarks": dict(report.remarks),
        "entries": [
            {"verdict": one.verdict.value, "where": one.where, "line": one.line, "title": one.title,
             "fields": list(one.fields), "staying": list(one.staying)}
            for one in report.told
        ],
        "left_out": {"count": report.left_count, "entries": rows(report.left)},
        "skipped": {"count": report.skipped_count, "entries": rows(report.skipped)},
        "stopped": report.stopped,
    }  # fmt: skip
