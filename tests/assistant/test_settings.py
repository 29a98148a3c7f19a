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
    [
        ("k", "0"),
        ("k", "101"),
        ("k", "ocho"),
        ("k", "2.5"),
        ("device", "gpu"),
        ("threshold", "nan"),
        ("reader", " "),
        ("keymap", "f8"),
    ],
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
    assert "línea 1" in caught.value.message


def test_an_unknown_setting_suggests_the_right_one(file: Path) -> None:
    write(file, '# mi lector\n\nreadr = "beto"')
    with pytest.raises(SettingsProblem) as caught:
        settings.resolve()
    assert "línea 3" in caught.value.message and "readr" in caught.value.message
    assert "¿Quería decir «reader»?" in caught.value.remedy


def test_a_file_that_is_no_toml_is_named(file: Path) -> None:
    write(file, "k = 3\nreader = mini")
    with pytest.raises(SettingsProblem, match=r"línea 2, columna \d+, no es TOML") as caught:
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


@pytest.mark.parametrize("theme", ["auto", "claro", "oscuro", "papel", "nord"])
def test_a_theme_is_a_word_or_the_name_of_a_registered_one(file: Path, theme: str) -> None:
    write(file, f'theme = "{theme}"')
    assert settings.resolve().settings.theme == theme


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('theme = "papl"', ["línea 1", "«theme»", "¿Quería decir «papel»?", "claro"]),
        ('k = 3\nprudencia = "alt"', ["línea 2", "«prudencia»", "baja, media o alta", "¿Quería decir «alta»?"]),
        ('keymap = "f8"', ["línea 1", "«keymap»", "una tabla de teclas"]),
        ("[keymap]\ncopy = 8", ["línea 1", "«keymap»", "una tabla de teclas"]),
        ('[keymap]\n\ncopi = "f8"', ["línea 3", "«keymap.copi»", "¿Quería decir «copy»?", "export"]),
        ('k = 3\nkeymap.copy = "intro"', ["línea 2", "«keymap.copy»", "no existe la tecla «intro»", "«enter»"]),
        ('[keymap]\n"copy" = "f8, f5"', ["línea 2", "«f5» ya es la de «open» (Abrir)", "Elija otra"]),
        ('[keymap]\ncopy = "f8"\nopen = "f8"', ["«f8» ya es la de", "Elija otra"]),
        ('[keymap]\ncopy = "ctrl+a"', ["«ctrl+a» ya sirve para editar"]),
        ('[keymap]\nquit = "x"', ["«x»", "ya no se podría escribir"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(file: Path, text: str, told: list[str]) -> None:
    write(file, text)
    with pytest.raises(SettingsProblem) as caught:
        settings.resolve()
    words = f"{caught.value.message}\n{caught.value.remedy}"
    assert str(file) in words and [one for one in told if one not in words] == []


@pytest.mark.parametrize(
    "keymap",
    [
        {"copy": "f8"},
        {"copy": "f5", "open": "f4"},  # exchanged
        {"prompt.send": "enter,ctrl+enter"},  # the help also closes with Enter, but is another screen
        {"conversation.copy": "?"},
        {"evidence.copy": "enter", "evidence.back": "b"},  # the prompt has Enter too, but not the focus then
    ],
)
def test_a_keymap_that_can_be_obeyed(file: Path, keymap: dict[str, str]) -> None:
    write(file, "[keymap]\n" + "\n".join(f'"{name}" = "{keys}"' for name, keys in keymap.items()))
    assert settings.resolve().settings.keymap == keymap
    text = "; ".join(f"{name}={keys}" for name, keys in keymap.items())
    assert settings.resolve({"keymap": text}).settings.keymap == keymap


def test_the_keys_as_they_are_can_be_written_down() -> None:
    from assistant.tui import keymap

    assert {"copy", "help", "quit", "prompt.send"} <= set(keymap.bindings())
    keymap.check({bound.id: ",".join(bound.keys) for bound in keymap.bindings().values()})
