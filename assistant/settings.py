"""What the person can choose, where each value came from, and the file that keeps it.

Precedence: command-line flag, then environment (``ASSISTANT_READER``…), then the TOML file, then the default. One
table of rules drives validation and ``assistant config``.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from assistant.errors import AssistantProblem, SettingsProblem, UsageProblem

APP_NAME = "asistente"
Device = Literal["auto", "cpu", "cuda", "mps"]
Prudence = Literal["baja", "media", "alta"]
Origin = Literal["por defecto", "archivo", "entorno", "opción"]


Parse = Callable[[Any], Any]


class BadValue(ValueError):
    """A value that a rule refuses in words of its own; ``key`` where it is one of a table."""

    def __init__(self, reason: str, remedy: str, key: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.key = key


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of the person. Immutable: a command resolves them once and passes them on."""

    reader: str = "mini"
    encoder: str = "mini"
    device: Device = "auto"
    k: int = 8
    prudencia: Prudence = "media"  # how costly a wrong answer is: how sure to be before answering
    threshold: float | None = None  # a margin to decide by instead; None: as the prudence asks
    theme: str = "auto"
    keymap: Mapping[str, str] = field(default_factory=dict)  # from the id of a binding to its keys


@dataclass(frozen=True, slots=True)
class Rule:
    """How a raw value (text, or a TOML value) becomes a setting, and the Spanish texts about it."""

    parse: Parse  # raises ValueError or TypeError
    expects: str
    meaning: str
    choices: tuple[str, ...] = ()  # where there are few


def _choice(*choices: str, meaning: str) -> Rule:
    """The rule of a setting that takes one of a few words."""

    def parse(raw: Any) -> str:
        if raw not in choices:
            raise ValueError(raw)
        return str(raw)

    return Rule(parse, f"{', '.join(choices[:-1])} o {choices[-1]}", meaning, choices)


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(raw)
    return raw.strip()


def _passages(raw: Any) -> int:
    value = int(raw) if isinstance(raw, str) else raw
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise ValueError(raw)
    return value


def _threshold(raw: Any) -> float | None:
    if raw == "modelo":
        return None
    value = float(raw)
    if isinstance(raw, bool) or not math.isfinite(value):
        raise ValueError(raw)
    return value


def _theme(raw: Any) -> str:
    if raw in THEME_WORDS:
        return str(raw)
    from assistant.tui.themes import names  # loads Textual: only for whoever names a theme

    if raw not in names():
        raise BadValue(f"no hay ningún tema «{raw}»", _suggestion(str(raw), [*THEME_WORDS, *names()]))
    return str(raw)


def _keymap(raw: Any) -> dict[str, str]:
    if isinstance(raw, str):
        raw = dict(pair.split("=", 1) for pair in raw.split(";") if pair.strip())
    keymap = {name.strip(): _text(keys) for name, keys in raw.items()} if isinstance(raw, dict) else None
    if keymap is None:
        raise TypeError(raw)
    if keymap:
        from assistant.tui.keymap import check  # loads Textual: only for whoever changes keys

        check(keymap)
    return keymap


def _suggestion(typed: str, known: Sequence[str]) -> str:
    close = get_close_matches(typed, known, n=1)
    hint = f"¿Quería decir «{close[0]}»? " if close else ""
    return f"{hint}Los que hay son: {', '.join(known)}."


_A_MODEL = "el nombre de un modelo (vea «assistant models»), una carpeta o un identificador de Hugging Face"
THEME_WORDS = ("auto", "claro", "oscuro")

RULES: Mapping[str, Rule] = {
    "reader": Rule(_text, _A_MODEL, "modelo que lee los pasajes y señala la respuesta"),
    "encoder": Rule(_text, _A_MODEL, "modelo que busca por el significado"),
    "device": _choice("auto", "cpu", "cuda", "mps", meaning="dónde se ejecutan los modelos"),
    "k": Rule(_passages, "un número entero de 1 a 100", "pasajes que se leen para cada pregunta"),
    "prudencia": _choice("baja", "media", "alta", meaning="cuánto cuesta una respuesta equivocada"),
    "threshold": Rule(
        _threshold, "un número, o «modelo» para lo ajustado con el lector", "margen mínimo para contestar"
    ),
    "theme": Rule(_theme, "auto, claro, oscuro o el nombre de un tema", "colores de la pantalla", THEME_WORDS),
    "keymap": Rule(_keymap, 'una tabla de teclas, como «copy = "f6"» debajo de «[keymap]»', "teclas cambiadas"),
}
"""One rule for each field of :class:`Settings`, in the same order."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings in force and the origin of each."""

    settings: Settings
    origins: Mapping[str, Origin]
    path: Path  # of the settings file, which may not exist


def settings_path() -> Path:
    """The TOML file: ``ASSISTANT_CONFIG``, or ``config.toml`` in the user's configuration folder."""
    chosen = os.environ.get("ASSISTANT_CONFIG")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path(APP_NAME, appauthor=False) / "config.toml"


def resolve(flags: Mapping[str, str | None] | None = None) -> Resolved:
    """The settings in force. ``flags`` holds what was typed on the command line, None where nothing was.

    Raises ``UsageProblem`` for a bad flag, ``SettingsProblem`` for a bad value in the environment or the file.
    """
    path = settings_path()
    stored = _read(path)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for name in RULES:
        variable = f"ASSISTANT_{name.upper()}"
        flag = (flags or {}).get(name)
        if flag is not None:
            values[name] = _parse(name, flag, f"la opción «--{name}»", UsageProblem)
            origins[name] = "opción"
        elif os.environ.get(variable):
            values[name] = _parse(name, os.environ[variable], f"la variable «{variable}»", SettingsProblem)
            origins[name] = "entorno"
        elif name in stored:
            values[name] = _parse(name, stored[name], f"el archivo «{path}»", SettingsProblem, path)
            origins[name] = "archivo"
        else:
            origins[name] = "por defecto"
    return Resolved(Settings(**values), origins, path)


def store(name: str, value: str | int | float) -> Path:
    """Write one setting into the file, keeping the rest of it and its comments. Returns the file's path."""
    import tomlkit

    path = settings_path()
    _read(path)
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    document[name] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
    temporary.replace(path)
    return path


def _parse(name: str, raw: Any, where: str, problem: type[AssistantProblem], path: Path | None = None) -> Any:
    """``path``: the settings file, where the value comes from there; the message then tells the line."""
    rule = RULES[name]
    try:
        return rule.parse(raw)
    except BadValue as error:
        full = f"{name}.{error.key}" if error.key else name
        raise problem(f"En {where}{_line(path, name, error.key)}, «{full}»: {error.reason}.", error.remedy) from None
    except (ValueError, TypeError):
        close = get_close_matches(str(raw), rule.choices, n=1)
        hint = f" ¿Quería decir «{close[0]}»?" if close else ""
        raise problem(
            f"El valor «{raw}» de {where}{_line(path, name)}{f', «{name}»' * bool(path)} no vale.",
            f"Se espera {rule.expects}.{hint}",
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise SettingsProblem(
            f"El archivo de ajustes «{path}» no es texto en UTF-8.", "Guárdelo en UTF-8, o bórrelo."
        ) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        place = f", línea {found[1]}, columna {found[2]}," if found else ""
        raise SettingsProblem(
            f"El archivo de ajustes «{path}»{place} no es TOML válido.",
            'Corríjalo (un texto va entre comillas: reader = "mini"), o bórrelo para volver a los valores por defecto.',
        ) from error
    for name in stored:
        if name not in RULES:
            raise SettingsProblem(
                f"El archivo «{path}»{_line(path, name)} tiene un ajuste desconocido: «{name}».",
                _suggestion(name, list(RULES)),
            )
    return stored


def _line(path: Path | None, name: str, key: str | None = None) -> str:
    """«, línea 3»: where the file gives a setting, or a key of its table. Empty where that cannot be told."""
    if path is None:
        return ""
    table, found = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = header[1].strip("\"'")
            found = number if table == name and not found else found
        elif assigned := re.match(r"\s*([^=#]+?)\s*=", line):
            full = [part.strip(" \"'") for part in ([table] if table else []) + [assigned[1]]]
            if full == [name] or (key is not None and ".".join(full) == f"{name}.{key}"):
                found = number
    return f", línea {found}" if found else ""
