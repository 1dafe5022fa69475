"""Calling a command as a shell would: arguments in, exit code and what was said out."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from appliance.cli import main


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)


class Shell:
    """A shell in which GOTGAN_DATA names a folder."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        self._capture = capture
        self._monkeypatch = monkeypatch
        for name in ("GOTGAN_LISTEN", "GOTGAN_PUBLIC_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GOTGAN_DATA", str(data))
        monkeypatch.setenv("LANG", "ko_KR.UTF-8")
        monkeypatch.setenv("TZ", "Asia/Seoul")

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Said:
        self._capture.readouterr()
        with self._monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
            with pytest.raises(SystemExit) as left:
                main(arguments)
        said = self._capture.readouterr()
        assert isinstance(left.value.code, int)
        assert "Traceback" not in said.err
        return Said(left.value.code, said.out, said.err)
