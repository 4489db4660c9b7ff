"""The command line as scripts use it: run in this process, its JSON read back."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings
from support.answer import Answer, Tool

from learning_kafka.cli import main

settings.register_profile("platform", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("platform")


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tool:
    """`tool(environment, "topics", "verify")`."""

    def run(environment: Mapping[str, str], *arguments: str) -> Answer:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = main([*arguments, "--json"])
        captured = capsys.readouterr()
        shown: dict[str, Any] = json.loads(captured.out) if captured.out else {"summary": "", "rows": []}
        return Answer(code, shown["summary"], shown["rows"], captured.err)

    return run
