"""The wheel carries the shipped models and the demo, and nothing of the workshop."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of a wheel built from this checkout, without a network."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_every_file_of_the_demo_travels(names: set[str]) -> None:
    demo = ROOT / "data" / "demo"
    files = {path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()}
    documents = {name for name in files if name.startswith("documentos/") and "/." not in name}
    assert len(documents) >= 14
    assert {f"assistant/demo/{name}" for name in documents | {"preguntas.json"}} <= names


@pytest.mark.parametrize("package", ["index", "reader"])
def test_the_shipped_models_travel(names: set[str], package: str) -> None:
    models = {path for path in (ROOT / package / "models").rglob("*") if path.is_file()}
    assert any(path.suffix == ".safetensors" for path in models)
    assert {path.relative_to(ROOT).as_posix() for path in models if "__pycache__" not in path.parts} <= names


def test_only_the_packages_travel(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"assistant", "index", "reader"}
    assert not [name for name in names if "__pycache__" in name or "/.assistant/" in name]
