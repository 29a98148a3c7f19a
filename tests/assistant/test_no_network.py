"""No network, ever, unless asked: every Python process of index, ask, chat, eval and why is audited from its start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Python imports this module before anything else, in worker processes too. Unix sockets, which asyncio and
# multiprocessing use within the machine, have no (host, port) pair for an address and are let through.
AUDIT = """
import os, sys

def watch(event, arguments):
    network = (
        event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request")
        or event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[-1], tuple)
    )
    if network:
        with open(os.environ["AUDIT_LOG"], "a") as log:
            log.write(f"{event} {arguments[-1]!r}\\n")
        raise OSError("there is no network in this test")

with open(os.environ["AUDIT_LOG"] + ".started", "a") as log:
    log.write(f"{os.getpid()}\\n")
sys.addaudithook(watch)
"""

PROGRAM = """
import asyncio, sys
from pathlib import Path

def run(*arguments):
    from assistant.cli import main
    sys.argv = ["assistant", *arguments]
    try:
        main()
    except SystemExit as left:
        assert left.code in (0, None), (arguments, left.code)

async def chat(folder):
    from assistant import places, settings
    from assistant.tui.app import ChatApp
    from tests.assistant.tui.sessions import chat_screen, until

    app = ChatApp(places.locate(Path(folder)), settings.resolve().settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"dias", "enter")
        await until(pilot, lambda: chat_screen(pilot).turns[1].state in ("answered", "failed"), patience=12_000)
        assert chat_screen(pilot).turns[1].state == "answered"

if __name__ == "__main__":
    folder, questions = sys.argv[1:3]
    run("index", folder)
    run("ask", "--folder", folder, "¿Cuántos días de vacaciones hay?")
    run("why", "--folder", folder, "¿Cuántos días de vacaciones hay?")
    run("eval", questions, "--folder", folder, "--html", questions + ".html")
    asyncio.run(chat(folder))
"""


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    context = "Las vacaciones anuales son de 22 días hábiles."
    answers = [{"text": "22 días", "answer_start": context.index("22 días")}]
    qas = [
        {"id": "1", "question": "¿Cuántos días de vacaciones hay?", "is_impossible": False, "answers": answers},
        {"id": "2", "question": "¿Cuántos días hay en la piscina?", "is_impossible": True, "answers": []},
    ]
    path = tmp_path / "preguntas.json"
    data = [{"document": "permisos.md", "paragraphs": [{"context": context, "qas": qas}]}]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


def audited(tmp_path: Path, *command: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a Python program under audit: what it did, and every network attempt of it and of its children."""
    (tmp_path / "auditor").mkdir()
    (tmp_path / "auditor" / "sitecustomize.py").write_text(AUDIT, encoding="utf-8")
    log = tmp_path / "attempts"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment |= {
        "AUDIT_LOG": str(log),
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "auditor"), str(Path(__file__).parents[2])]),
    }
    ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (tmp_path / "attempts.started").exists()
    return ran, log.read_text() if log.exists() else ""


def test_the_audit_sees_and_stops_an_attempt(tmp_path: Path) -> None:
    ran, attempts = audited(tmp_path, "-c", "import urllib.request; urllib.request.urlopen('http://example.org')")
    assert ran.returncode != 0 and "urllib.Request" in attempts


def test_an_attempt_of_a_child_process_is_seen(tmp_path: Path) -> None:
    child = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    _, attempts = audited(tmp_path, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    assert "socket.getaddrinfo" in attempts


def test_index_ask_why_eval_and_chat_attempt_no_network(
    tmp_path: Path, documents: Path, questions: Path, tiny_reader: Path, tiny_encoder: Path
) -> None:
    from assistant import settings

    settings.store("encoder", str(tiny_encoder))
    settings.store("reader", str(tiny_reader))
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    ran, attempts = audited(tmp_path, str(program), str(documents), str(questions))
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert attempts == ""
    assert "De extremo a extremo" in ran.stdout and Path(f"{questions}.html").exists()
    assert len((tmp_path / "attempts.started").read_text().split()) > 1  # the index reads files in worker processes
