"""What holds for every test: random order, shared among processes, no skip but for a missing program, a plain word on
what is missing.

Refuses fixtures: those live beside the tests that use them, or in a module that says what it serves.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest
from xdist.workermanage import WorkerController

from tests.programs import PLACES, REQUIRED

# The programs of others that tests run, and what installs them on Debian. Those without a package come with the
# test requirements.
PROGRAMS = {
    "litmus": "litmus",
    "cadaver": "cadaver",
    "rclone": "rclone",
    "mount.davfs": "davfs2",
    "nginx": "nginx",
    "thunderbird": "thunderbird",
    "chromium": "chromium",
    "mkfs.btrfs": "btrfs-progs",
    "mkfs.xfs": "xfsprogs",
    "mkfs.ext4": "e2fsprogs",
    "mkfs.exfat": "exfatprogs",
    "mount.exfat-fuse": "exfat-fuse",
    "vdirsyncer": "",
    "caldav-server-tester": "",
}
# What a machine may lack although the program is there: file systems in user space, and the right to mount a file.
EXCUSES = {*PROGRAMS, "/dev/fuse", "FUSE", "/dev/loop-control"}
# Whose modules wait for processes and take long: begun first, none of them is left over when all others are done.
LONG = {"interop", "journeys", "clients", "pages"}
TESTS = Path(__file__).resolve().parent
SPEC = TESTS / "spec"
EXCUSE = re.compile(r"^(Skipped: )?(?P<what>\S+) is not installed$")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--order", type=int, default=None, metavar="SEED", help="repeat the random order of this seed")


def pytest_configure(config: pytest.Config) -> None:
    config.option.order = getattr(config, "workerinput", {}).get("order", config.option.order)
    if config.option.order is None:
        config.option.order = random.randrange(10**6)
    # A machine with other things to do is no fault of the code: no example fails for how long it took.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("patient")
    if os.environ.get("CI") == "true":
        os.environ[REQUIRED] = "required"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return two processes for each core, since half of the time is waiting; none for a part that was named.

    Each process collects all tests before its first, which takes longer than most parts do.
    """
    named = [Path(name).resolve() for name in config.args if config.args_source is pytest.Config.ArgsSource.ARGS]
    if (named and TESTS not in named) or config.option.keyword:
        return 0
    return 2 * len(os.sched_getaffinity(0))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Hand on the order: every process has to put the tests into the same."""
    node.workerinput["order"] = node.config.option.order


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"order: --order {config.option.order}", *_missing_programs()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the modules, the long ones first, and the tests within each: what a module builds once stays built."""
    astray = [test.nodeid for test in items if test.get_closest_marker("spec") and SPEC not in test.path.parents]
    if astray:
        raise pytest.UsageError(f"COMPLIANCE.md is made of tests/spec/ and does not see the mark of {astray[0]}")
    shuffle = random.Random(config.option.order)
    modules: dict[str, list[pytest.Item]] = {}
    for test in items:
        modules.setdefault(test.nodeid.partition("::")[0], []).append(test)
    names = sorted(modules)
    shuffle.shuffle(names)
    names.sort(key=lambda name: LONG.isdisjoint(name.split("/")))
    for tests in modules.values():
        shuffle.shuffle(tests)
    items[:] = [test for name in names for test in modules[name]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip is allowed for a program of others that is missing, and for nothing else."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        excuse = EXCUSE.match(reason)
        if excuse is None or excuse["what"] not in EXCUSES or os.environ.get(REQUIRED) == "required":
            report.outcome = "failed"
            report.longrepr = f"A skip that no missing program excuses: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    for line in _missing_programs():
        terminalreporter.write_line(line)
    if skipped:
        terminalreporter.write_line(f"{skipped} skipped, each for want of one of these")


def _missing_programs() -> list[str]:
    missing = [name for name in PROGRAMS if shutil.which(name, path=os.pathsep.join(PLACES)) is None]
    if not missing:
        return ["programs of others: all here"]
    packages = [PROGRAMS[name] for name in missing if PROGRAMS[name]]
    advice = f" (apt install {' '.join(packages)})" if packages else ""
    return [f"programs of others that are missing: {', '.join(missing)}{advice}"]
