"""``python -m reader``: what it prints where, and its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reader import console
from reader.cli import app
from tests.reader.scripted import CONTEXT, QUESTIONS, make_question, write_squad


def run(*arguments: object) -> int:
    return console.run(app, [str(argument) for argument in arguments])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_squad(tmp_path / "datos.json", QUESTIONS)


def test_describe(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_squad(tmp_path / "otro.json", [make_question("z", "¿Qué?", CONTEXT, "9")])
    assert run("describe", data, other) == console.OK
    out = capsys.readouterr().out
    assert "5 preguntas (2 sin respuesta, 40,0 %) · 4 respuestas" in out
    assert "CONTAMINACIÓN" in out and "1 textos iguales" in out
    assert run("describe", data, "--json") == console.OK
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["report"]["kept"]) == (5, 5)


def test_describe_shows_examples_of_what_was_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    qas = [{"id": "1", "question": "¿Qué?", "answers": [{"text": "9", "answer_start": 0}]}]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]}), encoding="utf-8")
    assert run("describe", path, "--examples", 1) == console.OK
    out = capsys.readouterr().out
    assert "1 respuestas fuera de su posición" in out and f"1: «9», de 0 a {CONTEXT.index('9')}" in out


def test_evaluate_saves_scores_and_reports(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, page = tmp_path / "p.json", tmp_path / "informe.html"
    assert run("evaluate", "--data", data, "--model", "suelo", "--predictions", made, "--html", page) == console.OK
    out, err = capsys.readouterr()
    assert out.startswith("suelo léxico · ") and "HasAns_f1" in out
    assert "Predicciones guardadas" in err and "Informe escrito" in err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("evaluate", "--data", data, "--predictions", made, "--json") == console.OK
    again = json.loads(capsys.readouterr().out)
    assert again["figures"]["total"] == 5
    assert again["threshold_source"] == "el de las predicciones"


def test_evaluate_with_a_threshold_from_other_data(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_squad(tmp_path / "otro.json", [make_question("z", "¿Qué abre?", "Abre el museo.", "el museo")])
    made = tmp_path / "p.json"
    arguments = (
        "evaluate",
        "--data",
        data,
        "--model",
        "suelo",
        "--calibrate-on",
        other,
        "--predictions",
        made,
        "--json",
    )
    assert run(*arguments) == console.OK
    found = json.loads(capsys.readouterr().out)
    assert found["threshold_source"] == f"ajustado con {other}"
    # The file keeps the threshold that was fitted.
    assert run("evaluate", "--data", data, "--predictions", made, "--json") == console.OK
    assert json.loads(capsys.readouterr().out)["figures"] == found["figures"]
    assert run("evaluate", "--data", data, "--model", "suelo", "--calibrate-on", data) == console.PROBLEM
    assert "comparten 1 textos" in capsys.readouterr().err


def test_evaluate_compares(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "callado.json"
    made.write_text(json.dumps({question.id: "" for question in QUESTIONS}), encoding="utf-8")
    assert run("evaluate", "--data", data, "--compare", "suelo", made, "--json") == console.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["a"], found["b"], found["exact"]["b"]) == ("suelo léxico", "callado", 40.0)
    assert run("evaluate", "--data", data, "--compare", made, made) == console.OK
    assert "1,0000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["evaluate"], console.USAGE, "Falta «--data»."),
        (["evaluate", "--data", "nada.json", "--model", "suelo"], console.PROBLEM, "No existe el fichero nada.json."),
        (["evaluate", "--dato", "x"], console.USAGE, "No existe la opción «--dato»."),
        (["evaluate", "--data"], console.USAGE, "La opción «--data» está mal escrita o le falta su valor."),
        (["describe", "--examples", "muchos", "x"], console.USAGE, "El valor de «--examples» no vale."),
        (["evalua"], console.USAGE, "No existe la orden «evalua»."),
        (["download", "squad"], console.PROBLEM, "No existe el conjunto «squad»."),
    ],
)
def test_problems_go_to_stderr_with_a_remedy(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert f"Error: {says}\n  → " in err


def test_evaluate_needs_something_to_evaluate(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", "--data", data) == console.PROBLEM
    assert "Falta qué evaluar" in capsys.readouterr().err
    assert run("evaluate", "--data", data, "--compare", "a.json", "b.json", "--html", "x.html") == console.PROBLEM
    assert run("evaluate", "--data", data, "--compare", "a.json", "b.json") == console.PROBLEM
    assert "No existe el fichero de predicciones a.json" in capsys.readouterr().err


def test_download_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("download") == console.OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["squad-es-v1.1", "squad-es-v2", "xquad-es", "mlqa-es", "sqac"]


def test_help_is_in_spanish_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from reader import cli, console; console.run(cli.app, ['evaluate', '--help']);"
        "heavy = {'numpy', 'torch', 'transformers', 'Stemmer', 'matplotlib', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Uso: python -m reader evaluate [OPCIONES]")
    assert "Muestra esta ayuda y termina." in done.stdout
    assert not any(word in done.stdout for word in ("Usage", "Options", "Show this", "required", "default"))
