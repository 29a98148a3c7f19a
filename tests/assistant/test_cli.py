"""The whole path through the command line, on a small folder with tiny models of random weights."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from assistant import cli, console, places, settings
from assistant.commands import demo
from assistant.console import ExitCode
from index.folder import Found, walk
from index.local import open_index

QUESTION = "¿Cuántos días de vacaciones hay?"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(
    home: Path,
    tmp_path: Path,
    tiny_encoder: Path,
    tiny_reader: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs the program in this process from an empty folder, with the tiny models chosen in the settings file."""
    empty = tmp_path / "aquí"
    empty.mkdir()
    monkeypatch.chdir(empty)
    settings.store("encoder", str(tiny_encoder))
    settings.store("reader", str(tiny_reader))
    settings.store("device", "cpu")
    settings.store("threshold", -1000.0)  # random weights have no opinion: answer always

    def run(*arguments: str | Path, stdin: str | bytes = "") -> Ran:
        typed = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "argv", ["assistant", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(typed), encoding="utf-8"))
        console.out.cache_clear()
        console.err.cache_clear()
        console.plain.cache_clear()
        with pytest.raises(SystemExit) as left:
            cli.main()
        shown = capsys.readouterr()
        return Ran(left.value.code if isinstance(left.value.code, int) else 0, shown.out, shown.err)

    return run


@pytest.fixture
def indexed(run: Run, documents: Path) -> Path:
    assert run("index", documents).code == ExitCode.OK
    return documents


def other_encoder(encoder: Path, folder: Path) -> Path:
    """The encoder with another vocabulary."""
    other = folder / "otro-codificador"
    shutil.copytree(encoder, other)
    tokenizer = other / "0_StaticEmbedding" / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8").replace("vacaciones", "permutas"), encoding="utf-8")
    return other


# -- index


def test_index_tells_what_it_did_and_the_second_time_does_nothing(run: Run, documents: Path) -> None:
    first = run("index", documents)
    assert first.code == ExitCode.OK
    assert "Archivos: 2 indexados · 0 sin cambios" in first.out
    assert (documents / ".assistant").is_dir()
    second = run("index", documents)
    assert "Archivos: 0 indexados · 2 sin cambios" in second.out and "(0 codificados ahora)" in second.out


def test_progress_goes_to_standard_error_as_plain_lines(run: Run, documents: Path) -> None:
    ran = run("index", documents)
    assert "Codificando: " in ran.err and "\x1b" not in ran.err
    assert "Codificando: " not in ran.out


def test_index_elsewhere_excluded_files_and_rehearsal(run: Run, documents: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "índice"
    ran = run("index", documents, "--index", elsewhere, "--exclude", "*.txt", "--dry-run")
    assert "1 para indexar" in ran.out and "nuevo: permisos.md" in ran.out and not elsewhere.exists()
    assert run("index", documents, "--index", elsewhere, "--exclude", "*.txt").code == ExitCode.OK
    assert elsewhere.is_dir() and not (documents / ".assistant").exists()
    assert {hit["document"] for hit in run("search", "dieta", "--json").data["hits"]} == {"permisos.md"}


@pytest.mark.parametrize("content", [b"%PDF-1.7\nroto", b""])
def test_a_broken_pdf_is_named_with_its_reason_and_the_rest_is_indexed(
    run: Run, documents: Path, content: bytes
) -> None:
    (documents / "roto.pdf").write_bytes(content)
    ran = run("index", documents)
    assert ran.code == ExitCode.PARTIAL
    assert "2 indexados" in ran.out and "1 con fallo" in ran.out
    assert "roto.pdf: " in ran.out.partition("Con fallo:")[2]
    failed = run("status", "--failed")
    assert failed.code == ExitCode.OK and failed.out.startswith("roto.pdf: con fallo · ")


def pdf(path: Path, text: str, **options: Any) -> None:
    page = Canvas(str(path), **options)
    page.drawString(72, 720, text) if text else page.rect(72, 600, 200, 100, fill=1)
    page.save()


def test_an_encrypted_pdf_and_a_scanned_one_are_named_with_what_to_do(run: Run, documents: Path) -> None:
    pdf(documents / "cifrado.pdf", "El código es 1234.", encrypt="clave")
    pdf(documents / "escaneado.pdf", "")
    ran = run("index", documents)
    assert ran.code == ExitCode.PARTIAL and "2 con fallo" in ran.out
    failed = {line.split(":")[0].strip(): line for line in ran.out.splitlines() if ".pdf: " in line}
    assert "contraseña" in failed["cifrado.pdf"] and " → " in failed["cifrado.pdf"]
    assert "texto" in failed["escaneado.pdf"]


def test_a_file_that_vanishes_during_the_run_is_told_and_the_rest_is_indexed(
    run: Run, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "efímero.txt").write_text("Dura poco.", encoding="utf-8")

    def walk_then_lose(*arguments: Any, **options: Any) -> Found:
        found = walk(*arguments, **options)
        (documents / "efímero.txt").unlink()
        return found

    monkeypatch.setattr("index.builder.walk", walk_then_lose)
    ran = run("index", documents)
    assert ran.code == ExitCode.PARTIAL
    assert "2 indexados" in ran.out and "efímero.txt: " in ran.out.partition("Con fallo:")[2]


def test_status_lists_every_file_and_verify_tells_a_change(run: Run, indexed: Path) -> None:
    state = run("status", "--json").data
    assert [file["path"] for file in state["files"]] == ["permisos.md", "viajes.txt"]
    assert run("verify").code == ExitCode.OK
    (indexed / "viajes.txt").write_text("La dieta es de 50 euros.", encoding="utf-8")
    ran = run("verify")
    assert ran.code == ExitCode.PARTIAL and "viajes.txt" in ran.out


def test_a_packed_folder_is_searched_elsewhere(run: Run, documents: Path, tmp_path: Path) -> None:
    packed = tmp_path / "todo.tar.zst"
    assert run("index", documents, "--pack", packed).code == ExitCode.OK
    shutil.rmtree(documents)
    assert run("search", QUESTION, "--folder", packed, "--json").data["hits"]


# -- search, ask, why


def test_search_shows_place_section_and_both_ranks(run: Run, indexed: Path) -> None:
    ran = run("search", QUESTION, "--k", "2")
    assert "permisos.md · línea" in ran.out and "Permisos › Vacaciones" in ran.out
    assert "por palabras: 1.º" in ran.out and "por significado: " in ran.out
    assert len(run("search", QUESTION, "--k", "2", "--json").data["hits"]) == 2


def test_ask_prints_the_words_in_their_sentence_with_the_citation(run: Run, indexed: Path) -> None:
    ran = run("ask", "¿Cuántos", "días", "de", "vacaciones", "hay?")  # no quotes needed
    assert ran.code == ExitCode.OK
    assert "«" in ran.out and "Confianza: " in ran.out
    assert "permisos.md · línea " in ran.out or "viajes.txt · línea " in ran.out


def test_every_answer_in_json_is_a_slice_of_its_document(run: Run, indexed: Path) -> None:
    record = run("ask", QUESTION, "--json").data
    assert record["answered"] and record["answer"] == record["quote"]["text"]
    searcher = open_index(indexed / ".assistant")
    for quote in [record["quote"], *record["alternatives"]]:
        text = searcher.document(quote["document"]).text
        assert text[quote["start"] : quote["end"]] == quote["text"]
        assert text[quote["sentence_start"] : quote["sentence_end"]] == quote["sentence"]
    for hit in record["hits"]:
        assert searcher.document(hit["document"]).text[hit["start"] : hit["end"]] == hit["text"]
    searcher.close()


def test_ask_reads_questions_from_standard_input_and_writes_json_lines(run: Run, indexed: Path) -> None:
    ran = run("ask", stdin=f"{QUESTION}\n\n  ¿Y la dieta?  \n")
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert [record["question"] for record in records] == [QUESTION, "¿Y la dieta?"]
    assert [record.pop("line") for record in records] == [1, 3]
    assert records[0] == run("ask", QUESTION, "--json").data


def test_a_line_that_cannot_be_asked_costs_no_other(run: Run, indexed: Path) -> None:
    broken = b"\xef\xbb\xbf" + QUESTION.encode() + b"\r\n\xff\xfe\n" + b"x" * 3000 + b"\n\0\x1b[31m\nY la dieta"
    ran = run("ask", stdin=broken)
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == ExitCode.PARTIAL and [record["line"] for record in records] == [1, 2, 3, 4, 5]
    assert ["error" in record for record in records] == [False, True, True, False, False]
    assert records[0]["question"] == QUESTION and records[4]["question"] == "Y la dieta"
    assert "UTF-8" in records[1]["error"]["message"] and "3000" in records[2]["error"]["message"]


def test_an_abstention_is_a_result_and_shows_the_nearest_passages(run: Run, indexed: Path) -> None:
    settings.store("threshold", 1000.0)
    ran = run("ask", QUESTION)
    assert ran.code == ExitCode.OK
    assert ran.out.startswith("Los documentos no lo dicen") and "permisos.md · línea" in ran.out
    record = run("ask", QUESTION, "--json").data
    assert not record["answered"] and record["best_rejected"]["margin"] <= 1000.0


def test_why_agrees_with_ask(run: Run, indexed: Path) -> None:
    answer, trace = run("ask", QUESTION, "--json").data, run("why", QUESTION, "--json").data
    assert trace["answered"] and trace["threshold"] == -1000.0
    assert trace["passages"][trace["chosen"]]["quote"] == answer["quote"]
    shown = run("why", QUESTION)
    assert "casan: " in shown.out and "así que contesta." in shown.out


def test_a_conversation_line_by_line(run: Run, indexed: Path) -> None:
    ran = run("chat", stdin=f"{QUESTION}\n\nSalir\n¿Y la dieta?\n")
    assert ran.code == ExitCode.OK and ran.out == run("ask", QUESTION).out


def test_an_index_keeps_its_encoder_unless_another_is_chosen(
    run: Run, indexed: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    other = other_encoder(tiny_encoder, tmp_path)
    assert run("index", indexed, "--encoder", other).code == ExitCode.OK
    settings.settings_path().write_text("", encoding="utf-8")
    assert run("index", indexed).code == ExitCode.OK
    assert run("status", "--json").data["encoder"] == str(other)


def test_the_folder_is_found_from_inside_and_else_the_last_one_used(
    run: Run, indexed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "otra"
    (other / "sub").mkdir(parents=True)
    (other / "nota.txt").write_text("El horario es de 9 a 14 horas.", encoding="utf-8")
    run("index", other)
    assert places.locate().folder == other  # the last one used
    monkeypatch.chdir(indexed)
    assert places.locate().folder == indexed
    monkeypatch.chdir(other / "sub")
    assert places.locate().folder == other


def test_the_demo_answers_from_its_own_folder_and_becomes_the_folder_of_who_has_none(run: Run) -> None:
    ran = run("demo")
    assert ran.code == ExitCode.OK
    assert all(f"▸ {question}" in ran.out for question in demo.QUESTIONS)
    assert ran.out.count("Confianza: ") == len(demo.QUESTIONS)  # random weights never abstain
    assert places.locate().folder == demo.demo_documents()
    assert not (demo.demo_documents() / ".assistant").exists()


# -- config


def test_config_shows_where_each_value_comes_from(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PRUDENCIA", "alta")
    settings.store("theme", "papel")
    shown = run("config", "--json", "--k", "3").data
    assert shown["file"] == str(settings.settings_path()) and list(shown["settings"]) == list(settings.RULES)
    told = {name: tuple(one.values()) for name, one in shown["settings"].items()}
    assert told["k"] == (3, "opción") and told["prudencia"] == ("alta", "entorno")
    assert told["theme"] == ("papel", "archivo") and told["keymap"] == ({}, "por defecto")
    lines = run("config", "--k", "3").out.splitlines()
    assert [line.split()[:3] for line in lines if line.startswith("k ")] == [["k", "3", "opción"]]


def test_config_lists_the_actions_and_their_keys(run: Run) -> None:
    with settings.settings_path().open("a", encoding="utf-8") as file:
        file.write('[keymap]\ncopy = "f8"\n')
    keys = {one["id"]: one["keys"] for one in run("config", "--keys", "--json").data}
    assert keys["copy"] == "f8" and keys["help"] == "f1"
    assert "cambiada" in run("config", "--keys").out


def test_a_wrong_setting_stops_every_command_before_it_starts(run: Run, documents: Path) -> None:
    settings.settings_path().write_text("k = 3\n\ntemperatura = 1\n", encoding="utf-8")
    for command in (["config"], ["ask", QUESTION], ["index", documents], ["chat"]):
        assert problem(run(*command), str(settings.settings_path()), "línea 3", "«temperatura»")
    assert not (documents / ".assistant").exists()


# -- problems: a message, a remedy, an exit code


def problem(ran: Ran, *words: str) -> bool:
    """Whether a problem with a remedy was told on standard error, in these words, and nothing else was."""
    lines = ran.err.strip().splitlines()
    told = [line for line in lines if line.startswith("Error: ")]
    remedies = [line for line in lines if line.startswith("  → ")]
    all_words = all(word in ran.err for word in words)
    return ran.code == ExitCode.PROBLEM and len(told) == len(remedies) == 1 and all_words and "Traceback" not in ran.err


def test_no_such_folder(run: Run, tmp_path: Path) -> None:
    assert problem(run("index", tmp_path / "nada"), "No existe la carpeta", "nada")
    assert problem(run("ask", QUESTION, "--folder", tmp_path / "nada"), "No existe la carpeta")


def test_a_file_instead_of_a_folder(run: Run, documents: Path) -> None:
    assert problem(run("index", documents / "viajes.txt"), "no una carpeta")


def test_an_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vacía").mkdir()
    assert problem(run("index", tmp_path / "vacía"), "vacía")


def test_no_index_yet(run: Run, documents: Path) -> None:
    assert problem(run("ask", QUESTION), "assistant index")
    assert problem(run("search", QUESTION, "--folder", documents), "assistant index", str(documents))


def test_an_index_made_by_another_encoder(run: Run, indexed: Path, tiny_encoder: Path, tmp_path: Path) -> None:
    assert problem(run("search", QUESTION, "--encoder", other_encoder(tiny_encoder, tmp_path)), "otro-codificador")


@pytest.mark.parametrize(("option", "command"), [("--reader", "ask"), ("--encoder", "search")])
def test_an_unknown_model(run: Run, indexed: Path, option: str, command: str) -> None:
    assert problem(run(command, QUESTION, option, "inexistente"), "«inexistente»")


@pytest.mark.parametrize(("option", "command"), [("--reader", "ask"), ("--encoder", "search")])
def test_a_hub_model_that_is_not_here_without_a_network(run: Run, indexed: Path, option: str, command: str) -> None:
    assert problem(run(command, QUESTION, option, "nadie/modelo-inexistente"), "nadie/modelo-inexistente")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a person without the right to write everywhere")
def test_a_folder_that_cannot_be_written(run: Run, documents: Path) -> None:
    documents.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert problem(run("index", documents), "--index")
    finally:
        documents.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["preguntar"], ["No existe la orden «preguntar»"]),
        (["serch", "x"], ["¿Quería decir «search»?"]),
        (["ask", "--jsn", "x"], ["No existe la opción «--jsn»", "«--json»"]),
        (["ask", "--k"], ["«--k» necesita un valor"]),
        (["ask", QUESTION, "--k", "0"], ["«0»", "un número entero de 1 a 100"]),
        (["ask", QUESTION, "--device", "gpu"], ["«gpu»", "auto, cpu, cuda o mps"]),
        (["index"], ["Falta «CARPETA»"]),
        (["search"], ["Falta la pregunta"]),
        (["status", "sobra"], ["Sobra «sobra»"]),
    ],
)
def test_what_is_mistyped_is_told_in_spanish(run: Run, arguments: list[str], told: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == ExitCode.USAGE and ran.out == ""
    assert all(words in ran.err for words in told)


@pytest.mark.parametrize("command", [[], *([name] for name in ("ask", "index", "models", "status"))])
def test_help_is_in_spanish(run: Run, command: list[str]) -> None:
    ran = run(*command, "--help")
    assert ran.code == ExitCode.OK and ran.out.startswith("Uso: assistant")
    assert not [word for word in ("Usage", "Options", "Commands", "Show", "default") if word in ran.out]


def test_the_installed_program_leaves_quietly_when_its_reader_does() -> None:
    program = Path(sys.executable).with_name("assistant")
    with subprocess.Popen([program, "config"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == ExitCode.BROKEN_PIPE
