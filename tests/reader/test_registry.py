"""Models by name: copied, fetched from a hub, checked, and every problem told with its remedy."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from reader import registry
from reader.errors import ModelProblem
from reader.load import load_reader
from reader.model_files import LOCK, model_parts, read_lock
from reader.registry import KnownModel, copy_from, fetch, find, folder_of, locate, present

BETO = find("beto")
COMMIT = BETO.revision


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "modelos"
    monkeypatch.setenv("ASSISTANT_MODELS", str(folder))
    return folder


@pytest.fixture
def checkpoint(bert_folder: Path, tmp_path: Path) -> Path:
    """A folder as a person may have copied it, with things that are not part of the model."""
    folder = tmp_path / "copia"
    shutil.copytree(bert_folder, folder)
    for name in ("training_args.bin", "checkpoint-500/model.safetensors", "onnx/model.onnx", "notas.docx"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_copying_takes_the_model_and_nothing_else(checkpoint: Path, home: Path) -> None:
    assert not present(BETO)
    seen: list[tuple[int, int]] = []
    copied = copy_from(BETO, checkpoint, lambda done, total: seen.append((done, total)))
    assert copied == home / "beto" == folder_of(BETO)
    names = {file.relative_to(copied).as_posix() for file in copied.rglob("*") if file.is_file()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", LOCK}
    assert present(BETO)
    assert seen[-1][0] == seen[-1][1] == sum((copied / name).stat().st_size for name in names - {LOCK})
    assert load_reader("beto", device="cpu").name == "beto"
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_a_changed_file_is_found_on_loading(checkpoint: Path) -> None:
    copied = copy_from(BETO, checkpoint)
    weights = copied / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelProblem, match=r"model\.safetensors.*SHA-256") as caught:
        load_reader("beto")
    assert "assistant models get" in caught.value.remedy


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_folder_names_what_is_missing(checkpoint: Path, home: Path, name: str) -> None:
    (checkpoint / name).unlink()
    with pytest.raises(ModelProblem, match=f"falta «{name}»"):
        copy_from(BETO, checkpoint)
    assert not home.exists()


def test_a_model_that_cannot_answer_is_refused_as_a_reader_but_not_as_a_base(checkpoint: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps({**config, "architectures": ["BertForMaskedLM"]}))
    with pytest.raises(ModelProblem, match="no sabe señalar respuestas"):
        copy_from(BETO, checkpoint)
    copy_from(find("beto-base"), checkpoint)
    assert present(find("beto-base"))


def test_a_copy_from_another_machine_keeps_its_origin_and_is_checked(checkpoint: Path, tmp_path: Path) -> None:
    lock = {"source": BETO.source, "revision": COMMIT, "files": {"config.json": {"bytes": 1, "sha256": "0" * 64}}}
    (checkpoint / LOCK).write_text(json.dumps(lock))
    with pytest.raises(ModelProblem, match=r"config\.json"):
        copy_from(BETO, checkpoint)
    (checkpoint / LOCK).write_text(json.dumps({**lock, "files": {}}))
    assert read_lock(copy_from(BETO, checkpoint))["revision"] == COMMIT


def test_a_folder_of_the_hub_cache_is_understood(checkpoint: Path, tmp_path: Path) -> None:
    cache = tmp_path / "models--mrm8488--beto"
    shutil.copytree(checkpoint, cache / "snapshots" / COMMIT)
    copy_from(BETO, cache)
    assert present(BETO)


def test_sharded_weights_need_every_shard(checkpoint: Path) -> None:
    (checkpoint / "model.safetensors").rename(checkpoint / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (checkpoint / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    with pytest.raises(ModelProblem, match="model-00002-of-00002"):
        copy_from(BETO, checkpoint)


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("betto", "No se conoce el modelo «betto»", "mini, beto, beto-base"),
        ("beto", "«beto» no está en este equipo", "assistant models get beto --from CARPETA"),
        ("alguien/modelo", "«alguien/modelo» no está", "assistant models get alguien/modelo"),
    ],
)
def test_names_that_lead_nowhere(name: str, message: str, remedy: str) -> None:
    with pytest.raises(ModelProblem, match=message) as caught:
        load_reader(name)
    assert remedy in caught.value.remedy


def test_known_hub_models_are_pinned_to_a_commit() -> None:
    assert all(re.fullmatch("[0-9a-f]{40}", model.revision) for model in registry.READERS if model.source)


def test_a_hub_id_may_carry_its_revision() -> None:
    model = find(f"alguien/modelo@{COMMIT}")
    assert (model.source, model.revision, model.kind) == ("alguien/modelo", COMMIT, "reader")
    assert folder_of(model).name == "alguien--modelo"


def test_a_folder_comes_before_a_hub_id(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkpoint.parent.parent)
    assert locate(f"{checkpoint.parent.name}/{checkpoint.name}").resolve() == checkpoint.resolve()


def test_one_format_of_weights_is_enough() -> None:
    names = ["config.json", "pytorch_model.bin", "tf_model.h5", "vocab.txt", "README.md", ".gitattributes"]
    names += ["nbest_predictions_.json", "saved_model.tar.gz", "training_args.bin", ".ipynb_checkpoints/vocab.txt"]
    assert model_parts(names) == ["README.md", "config.json", "pytorch_model.bin", "vocab.txt"]
    assert model_parts([*names, "model.safetensors"]) == ["README.md", "config.json", "model.safetensors", "vocab.txt"]


@dataclass
class Hub:
    """A model hub on this machine that serves one repository."""

    files: dict[str, bytes]
    stated: dict[str, str] = field(default_factory=dict)  # SHA-256 stated for a file, if another than its own
    requests: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[bytes, dict[str, str]] | None:
        path = path.split("?")[0]
        repository = f"/api/models/{BETO.source}"
        if path in (f"{repository}/revision/main", f"{repository}/revision/{COMMIT}"):
            listed = [{"rfilename": name, **self._metadata(name)} for name in self.files]
            return json.dumps({"id": BETO.source, "sha": COMMIT, "siblings": listed}).encode(), {}
        if path == f"{repository}/tree/{COMMIT}":
            tree = [{"type": "file", "path": name, "oid": "1", **self._metadata(name)} for name in self.files]
            return json.dumps(tree).encode(), {}
        prefix = f"/{BETO.source}/resolve/{COMMIT}/"
        if path.startswith(prefix) and (name := path[len(prefix) :]) in self.files:
            headers = {"ETag": f'"{hashlib.sha256(self.files[name]).hexdigest()}"', "X-Repo-Commit": COMMIT}
            return self.files[name], headers
        return None

    def _metadata(self, name: str) -> dict[str, object]:
        content = self.files[name]
        digest = self.stated.get(name, hashlib.sha256(content).hexdigest())
        lfs = {"sha256": digest, "oid": digest, "size": len(content), "pointerSize": 130}
        return {"size": len(content), **({"lfs": lfs} if name.endswith((".bin", ".safetensors")) else {})}


@pytest.fixture
def hub(bert_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    import huggingface_hub.constants as constants
    from huggingface_hub import hf_api

    served = Hub({file.name: file.read_bytes() for file in bert_folder.iterdir()} | {"tf_model.h5": b"x" * 1000})

    class Handler(BaseHTTPRequestHandler):
        def _send(self, with_body: bool) -> None:
            served.requests.append(self.path)
            found = served.answer(self.path)
            body, headers = found if found else (b"{}", {"X-Error-Code": "RepoNotFound"})
            self.send_response(200 if found else 404)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def do_GET(self) -> None:
            self._send(True)

        def do_HEAD(self) -> None:
            self._send(False)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(hf_api.api, "endpoint", address)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield served
    server.shutdown()
    server.server_close()


def test_fetching_records_the_commit_and_the_checksums(hub: Hub, home: Path, bert_folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = fetch(BETO, lambda done, total: seen.append((done, total)))
    lock = read_lock(folder)
    assert (lock["source"], lock["revision"]) == (BETO.source, COMMIT)
    assert lock["files"]["config.json"]["sha256"] == hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    assert not any("tf_model" in path for path in hub.requests)
    expected = sum(len(content) for name, content in hub.files.items() if name != "tf_model.h5")
    assert seen[-1] == (expected, expected)
    assert load_reader("beto", device="cpu").read([("¿qué?", "La oficina")])[0].spans
    assert [path.name for path in home.iterdir()] == ["beto"]


def test_a_file_that_arrives_damaged_is_fetched_again_the_next_time(hub: Hub) -> None:
    hub.stated["model.safetensors"] = "0" * 64
    with pytest.raises(ModelProblem, match="ha llegado dañado"):
        fetch(BETO)
    assert not present(BETO)
    hub.stated.clear()
    fetch(BETO)
    assert present(BETO)


def test_a_branch_is_resolved_to_its_commit(hub: Hub) -> None:
    model = find(BETO.source)
    assert model.revision == "main"
    folder = fetch(model)
    assert folder.name == BETO.source.replace("/", "--")
    assert read_lock(folder)["revision"] == COMMIT


def test_what_the_hub_does_not_have(hub: Hub) -> None:
    with pytest.raises(ModelProblem, match="ningún modelo «nadie/nada»"):
        fetch(KnownModel("nadie/nada", "reader", "nadie/nada", ""))


def test_without_network_the_remedy_is_a_copied_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants
    from huggingface_hub import hf_api

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(hf_api.api, "endpoint", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(ModelProblem, match="No se ha podido descargar") as caught:
        fetch(BETO)
    assert "assistant models get beto --from CARPETA" in caught.value.remedy


def test_the_shipped_reader_lies_in_the_package() -> None:
    assert folder_of(find("mini")) == Path(registry.__file__).parent / "models" / "mini"


def test_a_recurrent_reader_is_complete_with_its_words_and_network(tmp_path: Path) -> None:
    (tmp_path / "reader.json").write_text('{"kind": "recurrent", "name": "viejo"}')
    with pytest.raises(ModelProblem, match=r"falta «words\.npz»"):
        load_reader(tmp_path)
    (tmp_path / "words.npz").write_bytes(b"x")
    with pytest.raises(ModelProblem, match=r"falta «network\.safetensors»"):
        load_reader(tmp_path)
    (tmp_path / "network.safetensors").write_bytes(b"x")
    with pytest.raises(ModelProblem, match="dañado"):
        load_reader(tmp_path, device="cpu")


def test_an_encoder_is_complete_with_its_modules_and_weights(tmp_path: Path) -> None:
    model = KnownModel("e5", "encoder", "alguien/e5", "")
    (tmp_path / "e5" / "1_Pooling").mkdir(parents=True)
    (tmp_path / "e5" / "modules.json").write_text("[]")
    (tmp_path / "e5" / "1_Pooling" / "config.json").write_text("{}")
    with pytest.raises(ModelProblem, match="incompleta"):
        copy_from(model, tmp_path / "e5")
    (tmp_path / "e5" / "0_Transformer").mkdir()
    parts = ["1_Pooling/config.json", "0_Transformer/model.safetensors", "0_Transformer/tokenizer.json", "modules.json"]
    for name in parts[1:3]:
        (tmp_path / "e5" / name).write_bytes(b"x")
    copied = copy_from(model, tmp_path / "e5")
    assert all((copied / name).is_file() for name in parts)
