"""Models by name: which are known, where each lies on this machine, and how it gets there.

Readers are listed here; whoever knows other models (encoders) describes them as :class:`KnownModel` and uses the same
functions. Only :func:`fetch` reaches for the network, when a person asks for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from reader.errors import ModelProblem
from reader.model_files import OnProgress, check_complete, copy_model, verify

ModelKind = Literal["reader", "base", "encoder"]

LATEST = "main"
"""The revision of a hub id that is given without one: resolved to a commit on downloading, and recorded as such."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that can be asked for by name."""

    name: str
    kind: ModelKind  # "base": an encoder to fine-tune from, which cannot answer yet
    source: str  # hub id; empty for one that ships with the program
    description: str  # in Spanish
    licence: str = ""
    megabytes: int = 0  # about
    revision: str = LATEST  # a commit for models that are known here


READERS = (
    KnownModel("mini", "reader", "", "lector compacto en español, incluido en el programa", "Apache-2.0", 19),
    KnownModel(
        "beto",
        "reader",
        "mrm8488/bert-base-spanish-wwm-cased-finetuned-spa-squad2-es",
        "BETO afinado con SQuAD-es v2.0 (110 M de parámetros)",
        "no declarada",
        440,
        "99818221720ac345078458b0b0489d61b21fe137",
    ),
    KnownModel(
        "beto-base",
        "base",
        "dccuchile/bert-base-spanish-wwm-cased",
        "BETO sin afinar: punto de partida de «python -m reader train»",
        "CC BY 4.0",
        440,
        "c4d86612f51b4f46759c8390d1798c2febe71b93",
    ),
)
_HUB_ID = re.compile(r"(?P<source>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w.-]+))?")


def find(name: str, known: Iterable[KnownModel] = READERS) -> KnownModel:
    """The known model of that name, or the one that a hub id ``owner/model`` or ``owner/model@revision`` describes.

    Raises ModelProblem for any other name.
    """
    known = tuple(known)
    for model in known:
        if model.name == name:
            return model
    if match := _HUB_ID.fullmatch(name):
        return KnownModel(
            match["source"], known[0].kind, match["source"], "modelo del hub", revision=match["revision"] or LATEST
        )
    names = ", ".join(model.name for model in known)
    raise ModelProblem(
        f"No se conoce el modelo «{name}».",
        f"Use uno de estos: {names}; la ruta de una carpeta; o un modelo del hub como «organización/modelo».",
    )


def models_folder() -> Path:
    """Where fetched models lie: ``ASSISTANT_MODELS``, or the user's data folder."""
    if chosen := os.environ.get("ASSISTANT_MODELS"):
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("asistente") / "models"


def folder_of(model: KnownModel) -> Path:
    """The folder where this model lies, or would."""
    if not model.source:
        return Path(str(resources.files("reader"))) / "models" / model.name
    return models_folder() / model.name.replace("/", "--")


def present(model: KnownModel) -> bool:
    """Whether the model is on this machine, with all the files it needs."""
    try:
        check_complete(folder_of(model), model.kind)
    except ModelProblem:
        return False
    return True


def locate(name: str, known: Iterable[KnownModel] = READERS) -> Path:
    """The folder of a model by name, path or hub id, its files checked against the lock file where there is one.

    Raises ModelProblem where it is unknown, not on this machine, incomplete or damaged.
    """
    path = Path(name).expanduser()
    known = tuple(known)
    if path.is_dir() and name not in {model.name for model in known}:
        check_complete(path, "base")
        return path
    model = find(name, known)
    folder = folder_of(model)
    if not folder.is_dir():
        if not model.source:
            raise ModelProblem(f"Falta el modelo «{name}» en la instalación.", "Vuelva a instalar el programa.")
        here = "" if model in known else f"No existe la carpeta {path}, y "
        raise ModelProblem(f"{here}{'el' if here else 'El'} modelo «{name}» no está en este equipo.", how_to_get(model))
    check_complete(folder, model.kind)
    verify(folder)
    return folder


def fetch(model: KnownModel, on_progress: OnProgress | None = None) -> Path:
    """Download the model at its revision, resuming what was cut off, and return its folder. Raises ModelProblem.

    ``on_progress(done, total)`` counts bytes, and may be called from other threads.
    """
    if not model.source:
        return folder_of(model)
    from reader.fetching import download

    return download(model.source, model.revision, folder_of(model), model.kind, on_progress, how_to_get(model))


def copy_from(model: KnownModel, folder: Path, on_progress: OnProgress | None = None) -> Path:
    """Take the model from a folder copied from another machine, and return where it lies now. Raises ModelProblem."""
    return copy_model(folder, folder_of(model), model.kind, on_progress)


def how_to_get(model: KnownModel) -> str:
    """The remedy for a model that is missing, in Spanish."""
    return (
        f"Descárguelo con «assistant models get {model.name}»; sin red, cópielo de otro equipo con "
        f"«assistant models get {model.name} --from CARPETA»."
    )
