"""Settings: precedence, origins, validation, and a file that keeps its comments."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from assistant import settings
from assistant.errors import SettingsProblem, UsageProblem


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "config.toml"
    monkeypatch.setenv("ASSISTANT_CONFIG", str(path))
    for name in settings.RULES:
        monkeypatch.delenv(f"ASSISTANT_{name.upper()}", raising=False)
    return path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_every_setting_has_a_rule_that_accepts_its_default() -> None:
    defaults = settings.Settings()
    assert list(settings.RULES) == [field.name for field in fields(settings.Settings)]
    for name, rule in settings.RULES.items():
        default = getattr(defaults, name)
        assert rule.parse("modelo" if default is None else default) == default


def test_without_anything_the_defaults_are_in_force() -> None:
    resolved = settings.resolve()
    assert resolved.settings == settings.Settings()
    assert set(resolved.origins.values()) == {"por defecto"}


def test_flag_beats_environment_beats_file_beats_default(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, 'k = 3\nreader = "beto"\nencoder = "e5"\n')
    monkeypatch.setenv("ASSISTANT_K", "4")
    monkeypatch.setenv("ASSISTANT_READER", "carpeta/lector")
    resolved = settings.resolve({"k": "5", "reader": None})
    assert (resolved.settings.k, resolved.origins["k"]) == (5, "opción")
    assert (resolved.settings.reader, resolved.origins["reader"]) == ("carpeta/lector", "entorno")
    assert (resolved.settings.encoder, resolved.origins["encoder"]) == ("e5", "archivo")
    assert resolved.origins["device"] == "por defecto"


@pytest.mark.parametrize(
    ("name", "value"),
    [("k", "0"), ("k", "101"), ("k", "ocho"), ("k", "2.5"), ("device", "gpu"), ("threshold", "nan"), ("reader", " ")],
)
def test_a_bad_flag_is_a_usage_problem_that_says_what_is_expected(name: str, value: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        settings.resolve({name: value})
    assert f"--{name}" in caught.value.message and value in caught.value.message
    assert settings.RULES[name].expects in caught.value.remedy


@pytest.mark.parametrize("line", ["k = true", 'k = "muchos"', "device = 1", "threshold = inf", "reader = 3"])
def test_a_bad_value_in_the_file_names_the_file_and_the_setting(file: Path, line: str) -> None:
    write(file, line)
    with pytest.raises(SettingsProblem) as caught:
        settings.resolve()
    assert str(file) in caught.value.message and line.split()[0] in caught.value.message


def test_an_unknown_setting_suggests_the_right_one(file: Path) -> None:
    write(file, 'readr = "beto"')
    with pytest.raises(SettingsProblem) as caught:
        settings.resolve()
    assert "readr" in caught.value.message and "«reader»" in caught.value.remedy


def test_a_file_that_is_no_toml_is_named(file: Path) -> None:
    write(file, "reader = ")
    with pytest.raises(SettingsProblem, match="no es TOML") as caught:
        settings.resolve()
    assert str(file) in caught.value.message


def test_the_threshold_of_the_model_can_be_asked_for_by_name() -> None:
    assert settings.resolve({"threshold": "modelo"}).settings.threshold is None
    assert settings.resolve({"threshold": "-1.5"}).settings.threshold == -1.5


def test_storing_a_setting_keeps_the_rest_of_the_file(file: Path) -> None:
    write(file, '# mi lector\nreader = "mini"\n\nk = 4  # pocos\n')
    settings.store("reader", "beto")
    assert file.read_text(encoding="utf-8") == '# mi lector\nreader = "beto"\n\nk = 4  # pocos\n'
    assert settings.resolve().settings == settings.Settings(reader="beto", k=4)


def test_storing_makes_the_file_and_its_folder(file: Path) -> None:
    assert settings.store("device", "cpu") == file
    assert settings.resolve().settings.device == "cpu"
