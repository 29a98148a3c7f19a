"""What a file really is, by its first bytes: a file that claims another type is refused with the right name for it."""

from __future__ import annotations

from index.documents.builder import DocumentBuilder

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPPED = frozenset({".docx", ".epub", ".odp", ".ods", ".odt", ".pptx", ".xlsm", ".xlsx"})
_COMPOUND = frozenset({".doc", ".msg", ".ppt", ".xls"})
_SIGNATURES = (
    (b"%PDF-", "un PDF", "con la extensión .pdf"),
    (b"{\\rtf", "un RTF", "con la extensión .rtf"),
    (_ZIP, "un archivo comprimido o de Office", "con su extensión verdadera"),
    (_OLE, "un documento de Office antiguo", "como DOCX, XLSX o PPTX"),
    (b"\x89PNG", "una imagen PNG", "con la extensión .png"),
    (b"\xff\xd8\xff", "una imagen JPEG", "con la extensión .jpg"),
    (b"GIF8", "una imagen GIF", "con la extensión .gif"),
    (b"II*\0", "una imagen TIFF", "con la extensión .tif"),
    (b"\x1f\x8b", "un archivo comprimido", "descomprimido"),
    (b"Rar!", "un archivo comprimido RAR", "descomprimido"),
    (b"7z\xbc\xaf", "un archivo comprimido 7z", "descomprimido"),
    (b"MZ", "un programa", "fuera de la carpeta"),
    (b"\x7fELF", "un programa", "fuera de la carpeta"),
)
_PDF_HEAD = 1024  # bytes: PDF readers accept the signature anywhere in them
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream of an OLE file that holds an encrypted OOXML


def check(data: bytes, suffix: str, builder: DocumentBuilder) -> None:
    """Raise the DocumentProblem of a file whose bytes are not of the type that its suffix claims."""
    if suffix == ".pdf" and b"%PDF-" in data[:_PDF_HEAD]:
        return
    if suffix in _ZIPPED and data.startswith(_OLE) and _ENCRYPTED in data:
        raise builder.problem(
            "está protegido con contraseña.", "Ábralo, quite la contraseña al guardarlo y vuelva a indexar."
        )
    if (suffix in _ZIPPED and data.startswith(_ZIP)) or (suffix in _COMPOUND and data.startswith(_OLE)):
        return
    if suffix == ".rtf" and data.lstrip()[:5] == b"{\\rtf":
        return
    claimed = suffix[1:].upper()
    for signature, what, how in _SIGNATURES:
        # "MZ" and the like are also plain words: text files are tried further unless they hold zero bytes
        if data.startswith(signature) and (len(signature) > 3 or b"\0" in data[:4096]):
            raise builder.problem(f"dice ser {claimed}, pero es {what}.", f"Guárdelo {how} y vuelva a indexar.")
    if suffix in _ZIPPED | _COMPOUND | {".pdf", ".rtf"}:
        raise builder.problem(
            f"no es un {claimed} válido: le falta la cabecera de ese formato.",
            "Ábralo con su programa, guárdelo de nuevo y vuelva a indexar.",
        )
