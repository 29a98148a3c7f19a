"""What the person can choose, where each value came from, and the file that keeps it.

Precedence: command-line flag, then environment (``ASSISTANT_READER``…), then the TOML file, then the default. One
table of rules drives validation and ``assistant config``.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from assistant.errors import AssistantProblem, SettingsProblem, UsageProblem

APP_NAME = "asistente"
Device = Literal["auto", "cpu", "cuda", "mps"]
Prudence = Literal["baja", "media", "alta"]
Origin = Literal["por defecto", "archivo", "entorno", "opción"]


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(raw)
    return raw.strip()


def _device(raw: Any) -> str:
    if raw not in ("auto", "cpu", "cuda", "mps"):
        raise ValueError(raw)
    return str(raw)


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


def _prudence(raw: Any) -> str:
    if raw not in ("baja", "media", "alta"):
        raise ValueError(raw)
    return str(raw)


_A_MODEL = "el nombre de un modelo (vea «assistant models»), una carpeta o un identificador de Hugging Face"


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that shape an answer. Immutable: a command resolves them once and passes them on."""

    reader: str = "mini"
    encoder: str = "mini"
    device: Device = "auto"
    k: int = 8
    prudencia: Prudence = "media"  # how costly a wrong answer is: how sure to be before answering
    threshold: float | None = None  # a margin to decide by instead; None: as the prudence asks


@dataclass(frozen=True, slots=True)
class Rule:
    """How a raw value (text, or a TOML value) becomes a setting, and the Spanish texts about it."""

    parse: Callable[[Any], Any]  # raises ValueError or TypeError
    expects: str
    meaning: str


RULES: Mapping[str, Rule] = {
    "reader": Rule(_text, _A_MODEL, "modelo que lee los pasajes y señala la respuesta"),
    "encoder": Rule(_text, _A_MODEL, "modelo que busca por el significado"),
    "device": Rule(_device, "auto, cpu, cuda o mps", "dónde se ejecutan los modelos"),
    "k": Rule(_passages, "un número entero de 1 a 100", "pasajes que se leen para cada pregunta"),
    "prudencia": Rule(_prudence, "baja, media o alta", "cuánto cuesta una respuesta equivocada"),
    "threshold": Rule(
        _threshold, "un número, o «modelo» para lo ajustado con el lector", "margen mínimo para contestar"
    ),
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
            values[name] = _parse(name, stored[name], f"«{name}» en «{path}»", SettingsProblem)
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


def _parse(name: str, raw: Any, where: str, problem: type[AssistantProblem]) -> Any:
    try:
        return RULES[name].parse(raw)
    except (ValueError, TypeError):
        raise problem(f"El valor «{raw}» de {where} no vale.", f"Se espera {RULES[name].expects}.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem(
            f"El archivo de ajustes «{path}» no es TOML válido: {error}.",
            "Corríjalo, o bórrelo para volver a los valores por defecto.",
        ) from error
    for name in stored:
        if name not in RULES:
            close = get_close_matches(name, RULES, n=1)
            hint = f"¿Quería decir «{close[0]}»?" if close else f"Los ajustes que hay son: {', '.join(RULES)}."
            raise SettingsProblem(f"El archivo «{path}» tiene un ajuste desconocido: «{name}».", hint)
    return stored
