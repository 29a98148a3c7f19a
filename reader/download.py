"""Fetch the public Spanish question files: resumable, checked, and with a way by hand where there is no network.

A checksum that is known is compared. One that is not (the publishers give none) is never invented: the first download
records it in ``checksums.json`` beside the files, and later downloads must equal it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from reader.errors import DataProblem
from reader.progress import progress
from reader.record import write_text

CHECKSUMS = "checksums.json"
_ATTEMPTS = 5  # each goes on where the last one broke
_TIMEOUT = 60.0  # seconds without a byte
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Remote:
    """One file to fetch; ``sha256`` is empty where nobody has published it."""

    url: str
    name: str  # under the download folder
    sha256: str = ""
    members: Mapping[str, str] | None = None  # of a zip: member → file name to extract it to


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public data set: what it is, its licence, and its files."""

    title: str
    licence: str
    files: tuple[Remote, ...]


_SQUAD_ES = "https://raw.githubusercontent.com/ccasimiro88/TranslateAlignRetrieve/master"
_XQUAD = "https://raw.githubusercontent.com/google-deepmind/xquad/7d30520c717524000f0d9d2f9c10a069acd9d285"
_SQAC = "https://huggingface.co/datasets/PlanTL-GOB-ES/SQAC/resolve/f9928e8819596a601b8887cc5f8598b15d589a82"

# The checksums of SQuAD-es v1.1 and MLQA are those of the `datasets` library's records (dataset_infos.json).
DATASETS: dict[str, Dataset] = {
    "squad-es-v1.1": Dataset(
        "SQuAD-es v1.1 (Carrino et al., 2019), traducción automática",
        "CC BY 4.0",
        (
            Remote(
                f"{_SQUAD_ES}/SQuAD-es-v1.1/train-v1.1-es.json",
                "squad-es-v1.1/train.json",
                "196cfa14b6ba7d903f02e6edc20485bb959b72c965b6a2d6883b8ffd74dc2c3b",
            ),
            Remote(
                f"{_SQUAD_ES}/SQuAD-es-v1.1/dev-v1.1-es.json",
                "squad-es-v1.1/dev.json",
                "969c846df740ee2725ac23b4d2882a58ef19a4c696767b306227c243ed99f461",
            ),
        ),
    ),
    "squad-es-v2": Dataset(
        "SQuAD-es v2.0 (Carrino et al., 2019), traducción automática, con preguntas sin respuesta",
        "CC BY 4.0",
        (
            Remote(f"{_SQUAD_ES}/SQuAD-es-v2.0/train-v2.0-es.json", "squad-es-v2/train.json"),
            Remote(f"{_SQUAD_ES}/SQuAD-es-v2.0/dev-v2.0-es.json", "squad-es-v2/dev.json"),
        ),
    ),
    "xquad-es": Dataset(
        "XQuAD en español (Artetxe et al., 2020), traducción profesional; solo para medir",
        "CC BY-SA 4.0",
        (
            Remote(
                f"{_XQUAD}/xquad.es.json",
                "xquad-es/test.json",
                "dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e",
            ),
        ),
    ),
    "mlqa-es": Dataset(
        "MLQA en español (Lewis et al., 2020); solo para medir",
        "CC BY-SA 3.0",
        (
            Remote(
                "https://dl.fbaipublicfiles.com/MLQA/MLQA_V1.zip",
                "mlqa-es/MLQA_V1.zip",
                "246e8089933d13007fe80684d5c5c0713d6834cf8b3b4a0ec7c66f0a0d2baac8",
                {
                    "MLQA_V1/dev/dev-context-es-question-es.json": "mlqa-es/dev.json",
                    "MLQA_V1/test/test-context-es-question-es.json": "mlqa-es/test.json",
                },
            ),
        ),
    ),
    "sqac": Dataset(
        "SQAC (Gutiérrez-Fandiño et al., 2022), escrito en español",
        "CC BY-SA 4.0",
        (
            Remote(
                f"{_SQAC}/train.json",
                "sqac/train.json",
                "1d5c76176646e2ae7bdcd8b5ec6f18349102a9363aa25ad7d0e48262d7480d43",
            ),
            Remote(
                f"{_SQAC}/dev.json",
                "sqac/dev.json",
                "ec748f222626e5081a34193ca469bcf8112092837678a6948a2d6ae7d6629d1a",
            ),
            Remote(f"{_SQAC}/test.json", "sqac/test.json"),
        ),
    ),
}


def download(dataset: Dataset, folder: Path) -> list[Path]:
    """Fetch what is missing of a data set into ``folder`` and return its question files.

    A file that is already there, fetched or placed by hand, is checked and kept.

    Raises DataProblem without a network (the remedy says how to place the files by hand) or on a wrong checksum.
    """
    ready: list[Path] = []
    for remote in dataset.files:
        path = folder / remote.name
        wanted = [folder / name for name in remote.members.values()] if remote.members else [path]
        if not path.exists() and not all(one.exists() for one in wanted):
            try:
                _fetch(remote, path)
            except (OSError, http.client.HTTPException) as error:
                raise DataProblem(
                    f"No se ha podido descargar {remote.url}: {error}.", by_hand(dataset, folder)
                ) from error
        if path.exists():
            _check(remote, path, folder)
            _extract(remote, path, folder)
        ready += wanted
    return ready


def by_hand(dataset: Dataset, folder: Path) -> str:
    """How to place the files without this program, in Spanish."""
    lines = [f"  {remote.url}\n    → {folder / remote.name}" for remote in dataset.files]
    return (
        "Si esta máquina no tiene red, descargue los ficheros en otra, cópielos con estos nombres y repita la orden, "
        "que los comprobará:\n" + "\n".join(lines) + "\nSi la red se ha cortado, repita la orden: sigue donde se quedó."
    )


def _fetch(remote: Remote, path: Path) -> None:
    """Download to ``<name>.part``, going on from what is there, and rename when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    for attempt in range(_ATTEMPTS):
        before = _size(part)
        try:
            _transfer(remote.url, part, path.name)
            part.replace(path)
            part.with_name(part.name + ".etag").unlink(missing_ok=True)
            return
        except urllib.error.HTTPError:
            raise  # the server answered: asking again changes nothing
        except (OSError, http.client.HTTPException):
            # A break half-way is worth going on after; no progress at all is no network.
            if attempt + 1 == _ATTEMPTS or _size(part) == before:
                raise


def _transfer(url: str, part: Path, title: str) -> None:
    tag = part.with_name(part.name + ".etag")  # the version that ``part`` is a part of
    have = _size(part) if tag.exists() else 0
    headers = {"Range": f"bytes={have}-", "If-Range": tag.read_text(encoding="ascii")} if have else {}
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # it was all there: the checksum will tell
        raise
    with response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            have = 0  # a new start, another version, or a server that does not resume
        if response.headers.get("ETag"):
            tag.write_text(response.headers["ETag"], encoding="ascii")
        length = response.headers.get("Content-Length")
        total_bytes = have + int(length) if length else 0
        with part.open("ab" if have else "wb") as file, progress(f"Descargando {title}", total_bytes or 1.0) as report:
            while block := response.read(_BLOCK):
                file.write(block)
                have += len(block)
                report(have, f"{have / 1e6:.1f} MB")
    if length and have < total_bytes:
        raise ConnectionError(f"la conexión se ha cortado en el byte {have} de {total_bytes}")


def _check(remote: Remote, path: Path, folder: Path) -> None:
    """Compare with the known or the recorded checksum; record it on the first sight."""
    recorded = _read_checksums(folder)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    expected = remote.sha256 or recorded.get(remote.url, "")
    if expected and found != expected:
        raise DataProblem(
            f"{path} no es el fichero esperado: su sha256 es {found} y debía ser {expected}.",
            f"Bórrelo y repita la orden. Si sabe que {remote.url} ha cambiado, borre también su línea de {CHECKSUMS}.",
        )
    if recorded.get(remote.url) != found:
        content = json.dumps({**recorded, remote.url: found}, indent=2, sort_keys=True)
        write_text(folder / CHECKSUMS, content + "\n")


def _read_checksums(folder: Path) -> dict[str, str]:
    path = folder / CHECKSUMS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DataProblem(f"{path} no se entiende: {error}.", "Bórrelo: se volverá a escribir.") from error
    return dict(content)


def _extract(remote: Remote, path: Path, folder: Path) -> None:
    if not remote.members:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member, name in remote.members.items():
                if not (folder / name).exists():
                    partial = folder / f"{name}.part"
                    with archive.open(member) as source, partial.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    partial.replace(folder / name)
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataProblem(f"{path} no es el archivo esperado: {error}.", "Bórrelo y repita la orden.") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
