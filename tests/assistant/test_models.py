"""Models by name: what is listed, taken from a folder, made the default."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import cli, console, models, settings
from assistant.console import ExitCode
from assistant.errors import UsageProblem
from reader.errors import ModelProblem

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("ASSISTANT_MODELS", str(home / "modelos"))

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assistant", *map(str, arguments)])
        console.out.cache_clear()
        console.err.cache_clear()
        with pytest.raises(SystemExit) as left:
            cli.main()
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run


def test_every_known_model_is_listed_with_its_kind(run: Run) -> None:
    listed = {(one["name"], one["kind"]): one for one in json.loads(run("models", "list", "--json")[1])}
    assert {("mini", "reader"), ("beto", "reader"), ("mini", "encoder"), ("e5", "encoder")} <= set(listed)
    assert not listed["beto", "reader"]["present"]
    assert [name for name, one in listed.items() if one["in_use"]] == [("mini", "reader"), ("mini", "encoder")]
    assert run("models")[1] == run("models", "list")[1]


def test_a_model_taken_from_a_folder_is_present_and_can_be_made_the_default(run: Run, tiny_reader: Path) -> None:
    assert run("models", "use", "beto")[0] == ExitCode.PROBLEM
    code, out, _ = run("models", "get", "beto", "--from", tiny_reader)
    assert code == ExitCode.OK and "«beto» está en " in out
    code, out, _ = run("models", "use", "beto")
    assert code == ExitCode.OK and "«beto» es el lector" in out
    assert settings.resolve().settings.reader == "beto"
    listed = {one.model.name: one for one in models.listed() if one.model.kind == "reader"}
    assert listed["beto"].present and listed["beto"].in_use and not listed["mini"].in_use


def test_an_encoder_taken_from_a_folder_encodes(run: Run, tiny_encoder: Path) -> None:
    assert run("models", "get", "e5", "--from", tiny_encoder)[0] == ExitCode.OK
    assert models.load_encoder("e5", "cpu").encode_questions(["vacaciones"]).shape == (1, 16)


def test_a_folder_is_used_by_its_whole_path(
    run: Run, tiny_encoder: Path, tiny_reader: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_encoder.parent)
    code, out, _ = run("models", "use", tiny_encoder.name, "--kind", "codificador")
    assert code == ExitCode.OK and "es el codificador" in out
    assert settings.resolve().settings.encoder == str(tiny_encoder)
    assert run("models", "use", tiny_reader)[0] == ExitCode.OK
    assert settings.resolve().settings.reader == str(tiny_reader)


def test_a_name_of_both_kinds_sets_both(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "is_present", lambda model: True)
    settings.store("reader", "beto")
    settings.store("encoder", "e5")
    assert models.use("mini") == ["reader", "encoder"]
    assert settings.resolve().settings == settings.Settings()


def test_what_cannot_be_used_says_why(run: Run) -> None:
    with pytest.raises(UsageProblem, match="punto de partida"):
        models.use("beto-base")
    with pytest.raises(ModelProblem, match="no está en este equipo"):
        models.use("e5")
    code, _, err = run("models", "use", "inexistente")
    assert code == ExitCode.PROBLEM and "beto" in err and "e5" in err
    code, _, err = run("models", "get", "nadie/modelo", "--kind", "otra")
    assert code == ExitCode.USAGE and "lector o codificador" in err


def test_fetching_without_a_network_says_how_to_copy_the_model(run: Run) -> None:
    code, _, err = run("models", "get", "beto")
    assert code == ExitCode.PROBLEM and "--from CARPETA" in err and "Traceback" not in err


def test_an_incomplete_folder_is_refused(run: Run, tiny_reader: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny_reader / "config.json").read_bytes())
    code, _, err = run("models", "get", "beto", "--from", tmp_path)
    assert code == ExitCode.PROBLEM and str(tmp_path) in err
