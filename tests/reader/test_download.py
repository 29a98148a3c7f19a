"""Downloads against a local server: resuming, checking, recording, and the way by hand."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reader.download import DATASETS, Dataset, Remote, download
from reader.errors import DataProblem

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves ``content`` at every path; breaks the connection after ``break_after`` bytes, once for each break."""

    content = CONTENT
    tag = '"1"'
    resumes = True
    breaks = 0
    break_after = 1000

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/datos.json"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        body, first = self.server.content, 0
        if "nada" in self.path:
            self.send_error(404)
            return
        if asked and self.server.resumes and self.headers.get("If-Range") == self.server.tag:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            if first >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - first))
        self.send_header("ETag", self.server.tag)
        self.end_headers()
        end = len(body)
        if self.server.breaks:
            self.server.breaks -= 1
            end = min(end, first + self.server.break_after)
        self.wfile.write(body[first:end])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def one(url: str, sha256: str = "") -> Dataset:
    return Dataset("de prueba", "ninguna", (Remote(url, "conjunto/datos.json", sha256),))


def test_fetches_once_and_checks(server: Server, tmp_path: Path) -> None:
    (path,) = download(one(server.url, DIGEST), tmp_path)
    assert path == tmp_path / "conjunto" / "datos.json"
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["datos.json"]
    download(one(server.url, DIGEST), tmp_path)
    assert server.asked == [None]


def test_goes_on_where_the_connection_broke(server: Server, tmp_path: Path) -> None:
    server.breaks = 3
    (path,) = download(one(server.url, DIGEST), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-", "bytes=2000-", "bytes=3000-"]


def test_goes_on_in_a_later_run(server: Server, tmp_path: Path) -> None:
    server.breaks = 99
    with pytest.raises(DataProblem, match="la conexión se ha cortado en el byte 5000 de 10240") as caught:
        download(one(server.url), tmp_path)
    assert "repita la orden: sigue donde se quedó" in caught.value.remedy
    server.breaks = 0
    (path,) = download(one(server.url), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=5000-"


def test_starts_again_when_the_file_has_changed_meanwhile(server: Server, tmp_path: Path) -> None:
    server.breaks = 99
    with pytest.raises(DataProblem):
        download(one(server.url), tmp_path)
    server.breaks, server.content, server.tag = 0, b"otra cosa", '"2"'
    assert download(one(server.url), tmp_path)[0].read_bytes() == b"otra cosa"


def test_starts_again_where_the_server_does_not_resume(server: Server, tmp_path: Path) -> None:
    server.resumes, server.breaks = False, 1
    assert download(one(server.url, DIGEST), tmp_path)[0].read_bytes() == CONTENT


def test_a_part_that_was_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "conjunto").mkdir()
    (tmp_path / "conjunto" / "datos.json.part").write_bytes(CONTENT)
    (tmp_path / "conjunto" / "datos.json.part.etag").write_text(server.tag)
    assert download(one(server.url, DIGEST), tmp_path)[0].read_bytes() == CONTENT


def test_an_unknown_checksum_is_recorded_and_then_holds(server: Server, tmp_path: Path) -> None:
    (path,) = download(one(server.url), tmp_path)
    assert json.loads((tmp_path / "checksums.json").read_text()) == {server.url: DIGEST}
    path.unlink()
    server.content = b"distinto"
    with pytest.raises(DataProblem, match=r"datos\.json no es el fichero esperado") as caught:
        download(one(server.url), tmp_path)
    assert "checksums.json" in caught.value.remedy


def test_a_wrong_file_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match=DIGEST[:20]):
        download(one(server.url, "0" * 64), tmp_path)


def test_a_file_placed_by_hand_is_checked_and_used(tmp_path: Path) -> None:
    path = tmp_path / "conjunto" / "datos.json"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert download(one("http://127.0.0.1:9/nunca", DIGEST), tmp_path) == [path]


def test_without_a_network_it_says_how_by_hand(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="No se ha podido descargar") as caught:
        download(one("http://127.0.0.1:9/datos.json"), tmp_path)
    assert "http://127.0.0.1:9/datos.json" in caught.value.remedy
    assert str(tmp_path / "conjunto" / "datos.json") in caught.value.remedy


def test_a_file_that_is_not_there_is_asked_for_once(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="404"):
        download(one(server.url.replace("datos", "nada")), tmp_path)
    assert server.asked == [None]


def test_members_of_a_zip_are_extracted(server: Server, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("V1/dev/es.json", "{}")
        archive.writestr("V1/otro.txt", "no")
    server.content = packed.getvalue()
    members = {"V1/dev/es.json": "conjunto/dev.json"}
    dataset = Dataset("comprimido", "ninguna", (Remote(server.url, "conjunto/todo.zip", "", members),))
    (path,) = download(dataset, tmp_path)
    assert path.read_text() == "{}"
    assert sorted(p.name for p in path.parent.iterdir()) == ["dev.json", "todo.zip"]
    missing = Dataset(
        "mal", "ninguna", (Remote(server.url, "conjunto/todo.zip", "", {"V1/no.json": "conjunto/x.json"}),)
    )
    with pytest.raises(DataProblem, match=r"todo\.zip no es el archivo esperado"):
        download(missing, tmp_path)


def test_the_registry_is_sound() -> None:
    names = [remote.name for dataset in DATASETS.values() for remote in dataset.files]
    assert len(set(names)) == len(names)
    assert set(DATASETS) == {"squad-es-v1.1", "squad-es-v2", "xquad-es", "mlqa-es", "sqac"}
    for dataset in DATASETS.values():
        for remote in dataset.files:
            assert remote.url.startswith("https://")
            assert remote.sha256 == "" or len(bytes.fromhex(remote.sha256)) == 32
