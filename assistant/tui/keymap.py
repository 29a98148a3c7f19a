"""The keys that the person may change: which actions there are, and whether a keymap can be obeyed."""

from __future__ import annotations

import pkgutil
import string
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from textual.app import App
from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key
from textual.screen import ModalScreen, Screen

import assistant.tui
from assistant.settings import BadValue

MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMED = {name for one in Keys for name in [one.value.rpartition("+")[2]] if len(name) > 1 and name.isidentifier()}


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding, and the class of the program that has it; ``id`` is empty for one that Textual's own widgets bring."""

    id: str
    keys: tuple[str, ...]
    description: str
    priority: bool
    owner: type

    def meets(self, other: Bound) -> bool:
        """Whether both can be in force at once: of one class, or one of them holds around the other."""
        if self.owner is other.owner:
            return True
        inner, outer = sorted((self, other), key=lambda one: -one._level)
        apart = issubclass(outer.owner, ModalScreen) and inner.owner.__module__ != outer.owner.__module__
        return inner._level != outer._level and not apart

    @property
    def _level(self) -> int:
        return next((level for level, kind in enumerate((App, Screen)) if issubclass(self.owner, kind)), 2)


@cache
def bindings() -> Mapping[str, Bound]:
    """Every binding that the person may change, by its id."""
    return {bound.id: bound for bound in _all_bound() if bound.id}


def check(keymap: Mapping[str, str]) -> None:
    """Raises ``BadValue`` for the first action, key or conflict that makes the keymap impossible to obey."""
    known = bindings()
    for name, keys in keymap.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"¿Quería decir «{close[0]}»? " if close else ""
            raise BadValue("no hay ninguna acción con ese nombre", f"{hint}Las que hay son: {', '.join(known)}.", name)
        for key in keys.split(","):
            _check_key(name, key.strip(), priority=known[name].priority)
    changed = {name: _normal(keys.split(",")) for name, keys in keymap.items()}
    for name, chosen in changed.items():
        for other in _all_bound():
            if other.id != name and known[name].meets(other):
                meant = set(known[name].keys) & set(other.keys)  # a dialogue closes with the key that opened it
                for key in sorted((set(chosen) & set(changed.get(other.id, other.keys))) - meant):
                    raise _conflict(name, key, other)


def _conflict(name: str, key: str, other: Bound) -> BadValue:
    if other.id:
        return BadValue(
            f"la tecla «{key}» ya es la de «{other.id}» ({other.description})",
            f"Elija otra tecla para «{name}», o dé otra a «{other.id}».",
            name,
        )
    return BadValue(
        f"la tecla «{key}» ya sirve para editar el texto o moverse por la pantalla",
        f"Elija otra tecla para «{name}».",
        name,
    )


def _check_key(name: str, key: str, *, priority: bool) -> None:
    parts = key.split("+") if len(key) > 1 else [key]
    modifiers, last = parts[:-1], parts[-1]
    printable = len(last) == 1 and last.isprintable() and not last.isspace()
    if set(modifiers) - set(MODIFIERS) or not (printable or last in _NAMED or _is_character(last)):
        close = get_close_matches(last, sorted(_NAMED), n=1)
        hint = f"¿Quería decir «{'+'.join([*modifiers, close[0]])}»? " if close else ""
        raise BadValue(f"no existe la tecla «{key}»", f"{hint}Ejemplos: f8, ctrl+r, alt+up.", name)
    if priority and printable and not modifiers:
        raise BadValue(
            f"con «{key}» por sí sola ya no se podría escribir ese carácter", "Añada ctrl o alt, o use f1…f12.", name
        )


def _is_character(name: str) -> bool:
    """Whether it is one of Textual's long names of a character, such as ``question_mark``."""
    characters = string.punctuation + "¿¡ºª·"
    return name in {_character_to_key(character) for character in characters} | set(KEY_NAME_REPLACEMENTS)


def _normal(keys: list[str]) -> tuple[str, ...]:
    """The keys as Textual calls them: ``question_mark`` for ``?``."""
    stripped = [unicodedata.normalize("NFC", key.strip()) for key in keys]
    return tuple(_character_to_key(key) if len(key) == 1 else key for key in stripped)


@cache
def _all_bound() -> tuple[Bound, ...]:
    return tuple(_found())


def _found() -> Iterator[Bound]:
    for module in pkgutil.walk_packages(assistant.tui.__path__, "assistant.tui."):
        for owner in vars(import_module(module.name)).values():
            if isinstance(owner, type) and owner.__module__ == module.name and "BINDINGS" in vars(owner):
                yield from _bound_by(owner)


def _bound_by(owner: type) -> Iterator[Bound]:
    """The bindings of a class, and those that it inherits on other keys."""
    taken: set[str] = set()
    for base in owner.__mro__:
        own = [one for one in vars(base).get("BINDINGS", ()) if isinstance(one, Binding)]
        for binding in own:
            keys = tuple(key for key in _normal(binding.key.split(",")) if key not in taken)
            if keys:
                identity = (binding.id or "") if base is owner else ""
                yield Bound(identity, keys, binding.description, binding.priority, owner)
        taken |= {key for binding in own for key in _normal(binding.key.split(","))}
