"""The command line: the same words as in the pages and in the code.

Each command is one function in the file of its noun. It says in a sentence what it did and exits 0; 1 means that it
could not, 2 that it was called wrongly, and both say why in one sentence. It refuses to show a traceback for anything
that a person or a disk can do. `serve` imports little: its process only watches over the one that works.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

import appliance
from appliance import errors
from appliance.cli.device import device
from appliance.cli.doctor import doctor
from appliance.cli.export import export
from appliance.cli.history import history
from appliance.cli.import_ import import_
from appliance.cli.keep import keep
from appliance.cli.person import person
from appliance.cli.prune import prune
from appliance.cli.restore import restore
from appliance.cli.rewind import rewind
from appliance.cli.scrub import scrub
from appliance.cli.serve import serve
from appliance.cli.share import share
from appliance.cli.show import show
from appliance.cli.undo import undo
from appliance.cli.watch import watch


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(appliance.__version__, prog_name="gotgan")
def gotgan() -> None:
    """A household's own server for contacts, calendars and files."""


for command in (
    serve,
    person,
    device,
    share,
    history,
    show,
    restore,
    rewind,
    undo,
    keep,
    prune,
    scrub,
    import_,
    export,
    doctor,
    watch,
):
    gotgan.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with 0, 1 (could not) or 2 (wrong call). The one error boundary of this door."""
    try:
        result = gotgan.main(args=arguments, prog_name="gotgan", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _give_up("Stopped.", 1)
    except errors.WrongCall as error:
        _give_up(str(error), 2)
    except errors.GotganError as error:
        _give_up(str(error), 1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader, `head` say, has enough
        sys.exit(1)
    except OSError as error:
        _give_up(f"{error.filename or 'The machine'}: {error.strerror or error}.", 1)
    sys.exit(result if isinstance(result, int) else 0)


def _give_up(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(code)
