"""Files that cannot be read: each is a problem that names the file and says what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import SUFFIXES, is_supported, parse, read_document
from index.errors import DocumentProblem
from tests.index.documents.checking import check
from tests.index.documents.test_zipped_and_mail import odf, zipped


def problem(data: bytes, name: str) -> DocumentProblem:
    with pytest.raises(DocumentProblem) as caught:
        parse(data, path=name)
    assert name in caught.value.message and caught.value.remedy
    return caught.value


def word() -> bytes:
    stream = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Hola")
    document.save(stream)
    return stream.getvalue()


def test_supported_types_are_told_by_suffix_in_any_case() -> None:
    assert is_supported("Carpeta/ACTA.PDF") and is_supported(Path("a.Docx"))
    assert not is_supported("a.exe") and not is_supported("pdf") and not is_supported("carpeta.pdf/nada")


def test_a_file_that_is_gone_or_may_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentProblem, match=r"«acta\.txt» ya no está"):
        read_document(tmp_path / "acta.txt", path="acta.txt")
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(DocumentProblem, match=r"«b\.txt» no se puede abrir"):
        read_document(tmp_path / "b.txt", path="b.txt")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_an_empty_file_and_one_without_text(suffix: str) -> None:
    assert "está vacío" in problem(b"", f"a{suffix}").message
    problem(b" \n\t ", f"a{suffix}")


def test_unknown_types_are_named() -> None:
    assert "(.xyz)" in problem(b"hola", "a.xyz").message
    assert "(sin extensión)" in problem(b"hola", "LEEME").message


@pytest.mark.parametrize(
    ("data", "name", "claim"),
    [
        (b"%PDF-1.7 ...", "a.docx", "dice ser DOCX, pero es un PDF"),
        (word(), "a.pdf", "dice ser PDF, pero es un archivo comprimido o de Office"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.txt", "dice ser TXT, pero es una imagen PNG"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "a.docx",
            "dice ser DOCX, pero es un documento de Office antiguo",
        ),
        (b"MZ\x90\0\x03\0\0\0", "a.md", "dice ser MD, pero es un programa"),
        (b"hola", "a.xlsx", "no es un XLSX válido"),
        (b"hola", "a.rtf", "no es un RTF válido"),
        (word(), "a.xlsx", "dañado o no es un XLSX"),
        (word(), "a.pptx", "dañado o no es un PPTX"),
        (odf("<p/>"), "a.docx", "dañado o no es un DOCX"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_claim_another_type(data: bytes, name: str, claim: str) -> None:
    assert claim in problem(data, name).message


def test_a_text_that_starts_like_a_program_is_a_text() -> None:
    assert check(parse(b"MZ es una sigla", path="a.txt")).text == "MZ es una sigla"


def test_office_files_with_a_password_say_so() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    assert "protegido con contraseña" in problem(ole, "a.xlsx").message
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:encryption-data/></m:manifest>'
    )
    locked = zipped({"META-INF/manifest.xml": manifest, "content.xml": b"\x00\x01"})
    assert "protegido con contraseña" in problem(locked, "a.odt").message


def test_archives_cut_short_are_problems() -> None:
    whole = word()
    for part in range(4, len(whole), len(whole) // 40):
        problem(whole[:part], "a.docx")


def test_names_are_shown_without_what_deceives() -> None:
    with pytest.raises(DocumentProblem) as caught:
        parse(b"", path="acta\n\u202egpj.txt")
    assert caught.value.message == "«acta gpj.txt» está vacío."


def bomb(name: str, unpacked: int) -> bytes:
    """A Word file with one more part that is nothing but zeros."""
    stream = io.BytesIO(word())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as part:
        for _ in range(unpacked >> 20):
            part.write(bytes(1 << 20))
    return stream.getvalue()


def test_zip_bombs_are_not_unpacked() -> None:
    data = bomb("word/media/zeros.bin", 200 << 20)
    assert len(data) < 1 << 20
    assert "bomba zip" in problem(data, "a.docx").message


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_in_office_files_are_refused(encoding: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                text = (
                    content.decode().replace("?>", f"?>{ENTITIES}", 1).replace("Hola", "&b;").replace("UTF-8", encoding)
                )
                content = text.encode(encoding)
            new.writestr(name, content)
    assert "entidades XML" in problem(stream.getvalue(), "a.docx").message


def test_xml_entities_elsewhere_do_not_expand() -> None:
    body = "<text:p>antes &b; después</text:p>"
    data = odf(body)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml").decode()
    document = check(
        parse(zipped({"content.xml": ENTITIES.replace("w [", "office:document-content [") + content}), path="a.odt")
    )
    assert "aaaa" not in document.text and "antes" in document.text


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@given(data=st.binary(max_size=300))
def test_random_bytes_are_read_or_a_problem(suffix: str, data: bytes) -> None:
    heads = {".pdf": b"%PDF-1.4\n", ".rtf": b"{\\rtf1 ", ".eml": b"Subject: x\n"}
    try:
        check(parse(heads.get(suffix, b"") + data, path=f"a{suffix}"))
    except DocumentProblem as caught:
        assert caught.message and caught.remedy
