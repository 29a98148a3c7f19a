"""The documents that people read agree with the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from assistant.cli import app
from assistant.console import ExitCode

ROOT = Path(__file__).parents[2]


def test_every_dependency_has_its_reason_and_its_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[<>=\[]", one)[0] for one in asked} - {project["name"]}
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = {name for row in re.findall(r"^\| ([^|]+) \|", reasons, re.MULTILINE) for name in row.split(", ")}
    assert names <= named
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    assert [name for name in names if f"\n{name.lower()}==" not in f"\n{pins}"] == []


def test_every_exit_code_is_documented() -> None:
    table = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == {code.value for code in ExitCode}


@pytest.mark.parametrize("readme", ["README.md", "README.es.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    names = {command.name for command in app.registered_commands} - {"version"}
    names |= {group.name for group in app.registered_groups}
    assert {name for name in names if f"assistant {name}" not in text} == set()
