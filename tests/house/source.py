"""The house as its own tests read it: which files there are, which room they belong to, what they import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("appliance", "web")


@dataclass(frozen=True)
class Source:
    """One Python file. `module` is its dotted name, `text` what stands in it."""

    module: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.module)

    @property
    def room(self) -> str:
        """Return `store` for appliance.store.locks, `web` for web.views, nothing for the package appliance itself."""
        first, _, rest = self.module.partition(".")
        return first if first == "web" else rest.partition(".")[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield line and dotted name of what is imported, at the top or within a function, by statement or by name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Call) and _last_name(node.func) in {"import_module", "__import__"}:
                named = node.args[0] if node.args else None
                if isinstance(named, ast.Constant):
                    yield node.lineno, str(named.value)

    def _origin(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        parts = self.module.split(".")
        parts = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*parts, node.module] if node.module else parts)


def _last_name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the house that ships, all but the tests; read and parsed once for all claims."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            is_package = parts[-1] == "__init__"
            module = ".".join(parts[:-1] if is_package else parts)
            found.append(Source(module, path.read_text("utf-8"), is_package))
    assert len(found) > 20, "the house was not found"
    return tuple(found)


def committed_files() -> list[Path]:
    """Return every file that git holds, or would take up with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
