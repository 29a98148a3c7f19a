"""`assistant --help` starts at once: it loads nothing heavy. Modules are counted, not seconds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    *("bm25s", "docx", "faiss", "huggingface_hub", "lxml", "numpy", "openpyxl", "pptx", "pypdfium2"),
    *("rich", "sentence_transformers", "sqlite3", "textual", "tokenizers", "tomlkit", "torch", "transformers"),
}
PROGRAM = """
import json, sys
sys.argv = ["assistant", *sys.argv[1:]]
from assistant.cli import main
try:
    main()
except SystemExit as left:
    print(json.dumps([left.code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def modules_after(*arguments: str) -> set[str]:
    """The top-level packages loaded by the program with those arguments, in a fresh interpreter."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    code, modules = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["models", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert modules_after(*arguments) & HEAVY == set()


def test_settings_are_shown_without_models_or_screens() -> None:
    assert modules_after("config") & HEAVY - {"rich"} == set()
