"""``assistant eval`` and ``assistant calibrate`` from the command line, with tiny models of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import settings
from assistant.calibrating import LEAST
from assistant.calibration import FILE, load_calibration
from assistant.console import ExitCode
from tests.assistant import test_cli
from tests.assistant.test_cli import Run

run = test_cli.run  # the fixture

CONTEXT = "Las vacaciones anuales son de 22 días hábiles."


def question_file(path: Path, *documents: tuple[str, str, str]) -> Path:
    """One question for each (document, context, answer)."""
    data = [
        {
            "document": document,
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {
                            "id": document,
                            "question": "¿Cuántos días de vacaciones hay?",
                            "is_impossible": not answer,
                            "answers": [{"text": answer, "answer_start": context.index(answer)}] if answer else [],
                        }
                    ],
                }
            ],
        }
        for document, context, answer in documents
    ]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


def test_eval_writes_figures_as_json_and_as_one_page(run: Run, documents: Path, tmp_path: Path) -> None:
    run("index", documents)
    questions = question_file(tmp_path / "preguntas.json", ("permisos.md", CONTEXT, "22 días hábiles"))
    page = tmp_path / "informe.html"
    ran = run("eval", questions, "--folder", documents, "--json", "--html", page, "--variantes")
    assert ran.code == ExitCode.OK
    assert ran.data["questions"] | {"path": ""} == {"path": "", "total": 1, "answerable": 1, "foreign": 0, "lost": 0}
    assert ran.data["retrieval_lexical"]["recall_at_5"]["value"] == 100
    assert len(ran.data["variants"]) == 6
    assert "Informe escrito en" in ran.err and page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("content", "message"), [("{", "JSON incorrecto"), ("{}", "no tiene formato SQuAD"), ("", "JSON incorrecto")]
)
def test_a_bad_question_file_is_named(
    run: Run,
    documents: Path,
    tmp_path: Path,
    content: str,
    message: str,
) -> None:
    run("index", documents)
    file = tmp_path / "mal.json"
    file.write_text(content, encoding="utf-8")
    for command in ("eval", "calibrate"):
        ran = run(command, file, "--folder", documents)
        assert ran.code == ExitCode.PROBLEM
        assert message in ran.err and str(file) in ran.err and "→" in ran.err


def test_calibrating_keeps_the_result_with_the_reader_and_then_it_decides(
    run: Run,
    tmp_path: Path,
    tiny_reader: Path,
) -> None:
    pytest.importorskip("sklearn")
    folder = tmp_path / "muchos"
    folder.mkdir()
    entries = []
    for number in range(LEAST + 10):
        # of one word a reader of random weights can only say that word
        text = "días" if number % 2 else "hábiles"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        entries.append((f"{number}.txt", text, "días" if number % 2 else ""))
    questions = question_file(tmp_path / "preguntas.json", *entries)
    assert run("index", folder).code == ExitCode.OK
    rehearsal = run("calibrate", questions, "--folder", folder, "--dry-run")
    assert rehearsal.code == ExitCode.OK and not (tiny_reader / FILE).exists()
    assert run("calibrate", questions, "--folder", folder).code == ExitCode.OK
    try:
        calibration = load_calibration(tiny_reader)
        assert calibration is not None and calibration.fitted["encoder"] == "buscador0"
        settings.store("threshold", "modelo")
        told = run("why", "--folder", folder, "--json", "¿Cuántos días hay?").data
        assert told["least_probability"] == calibration.thresholds["media"]
        assert 0 < told["probability"] < 1 and set(told["parts"]) == {term.name for term in calibration.terms}
        assert "probabilidad de acierto" in run("why", "--folder", folder, "¿Cuántos días hay?").out
    finally:
        (tiny_reader / FILE).unlink()


def test_a_calibration_needs_many_documents(run: Run, documents: Path, tmp_path: Path) -> None:
    run("index", documents)
    questions = question_file(tmp_path / "preguntas.json", ("permisos.md", CONTEXT, "22 días hábiles"))
    ran = run("calibrate", questions, "--folder", documents)
    assert ran.code == ExitCode.PROBLEM and f"al menos {LEAST}" in ran.err
