"""The readers and encoders that can be asked for by name: which are here, how to fetch one, how to make it the default.

Files, downloads and checksums are the work of ``reader.registry``, which knows nothing of encoders: they are described
to it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant import settings
from assistant.errors import UsageProblem
from reader import registry
from reader.errors import ModelProblem
from reader.registry import KnownModel

if TYPE_CHECKING:
    from index.encoders import Encoder
    from reader.model_files import OnProgress

Kind = Literal["reader", "encoder"]
KINDS: dict[str, Kind] = {"lector": "reader", "codificador": "encoder"}
"""The Spanish words for the two kinds of model, as they are typed and shown."""
BOTH: tuple[Kind, ...] = ("reader", "encoder")


@dataclass(frozen=True, slots=True)
class Listed:
    """A known model as ``assistant models`` shows it."""

    model: KnownModel
    present: bool
    in_use: bool


def known(kind: Kind) -> tuple[KnownModel, ...]:
    """The models of one kind that have a name; among the readers, also the base to fine-tune from."""
    if kind == "reader":
        return registry.READERS
    from index.encoders import KNOWN_ENCODERS

    return tuple(
        KnownModel(one.name, "encoder", one.source, one.description, revision=one.revision) for one in KNOWN_ENCODERS
    )


def listed() -> Iterator[Listed]:
    """Every known model, and whatever the settings name that is none of them."""
    chosen = settings.resolve().settings
    for kind in BOTH:
        in_use = chosen.reader if kind == "reader" else chosen.encoder
        models = known(kind)
        for model in models:
            yield Listed(model, is_present(model), model.name == in_use)
        if in_use not in {model.name for model in models}:
            other = KnownModel(in_use, kind, in_use, "elegido en los ajustes")
            yield Listed(other, Path(in_use).is_dir() or is_present(other), True)


def is_present(model: KnownModel) -> bool:
    """Whether the model's files are on this machine."""
    if model.kind == "encoder" and not model.source:
        from index.encoders import shipped_folder

        return shipped_folder().is_dir()
    return registry.present(model)


def find(name: str, kind: Kind | None = None) -> KnownModel:
    """The model of that name or hub id. Where the name does not tell its kind, ``kind`` does: a reader if None.

    Raises ModelProblem for a name that is neither known nor a hub id.
    """
    named = [model for one in ([kind] if kind else BOTH) for model in known(one)]
    model = registry.find(name, named)
    return model if model in named else replace(model, kind=kind or "reader")


def get(model: KnownModel, folder: Path | None, on_progress: OnProgress) -> Path:
    """Download the model, or copy it from ``folder``; where it lies now. Raises ModelProblem."""
    if not model.source:
        if not is_present(model):
            raise ModelProblem(f"Falta el modelo «{model.name}» en la instalación.", "Vuelva a instalar el programa.")
        return registry.folder_of(model)
    if folder is not None:
        return registry.copy_from(model, folder.expanduser(), on_progress)
    return registry.fetch(model, on_progress)


def use(name: str, kind: Kind | None = None) -> list[Kind]:
    """Make a model the default of its kind, or of both kinds where both have the name; the kinds that changed.

    Raises ModelProblem for a model that is not on this machine, UsageProblem for a base that cannot answer.
    """
    path = Path(name).expanduser()
    named: list[Kind] = [one for one in BOTH if kind in (None, one) and name in {model.name for model in known(one)}]
    kinds: list[Kind] = named or [kind or "reader"]
    for one in kinds:
        if not named and path.is_dir():
            settings.store(one, str(path.resolve()))
            continue
        model = find(name, one if named else kind)
        if model.kind == "base":
            raise UsageProblem(
                f"«{name}» no sabe contestar: es un punto de partida.", "Afínelo con «python -m reader»."
            )
        if not is_present(model):
            raise ModelProblem(f"El modelo «{name}» no está en este equipo.", registry.how_to_get(model))
        settings.store(one, name)
    return kinds


def load_encoder(name: str, device: str) -> Encoder:
    """The encoder of that name, folder or hub id, wherever its files lie. Raises IndexProblem or ModelProblem."""
    from index.encoders import load_encoder

    encoders = known("encoder")
    if Path(name).is_dir() and name not in {model.name for model in encoders}:
        return load_encoder(str(Path(name).resolve()), device)
    model = registry.find(name, encoders)
    return load_encoder(name, device, folder=registry.locate(name, encoders) if model.source else None)
