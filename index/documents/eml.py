"""Messages: subject, sender, date and text, and the attachments through their own readers."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, Message, MIMEPart

import index.documents as documents
from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.html import add_html
from index.documents.plain import add_lines, split_lines
from index.documents.text import clean, printable
from index.errors import DocumentProblem

MAX_NESTED = 3  # messages attached to messages
_FIELDS = (("from", "De"), ("to", "Para"), ("cc", "Copia"))


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append a message and its attachments, each under a heading with its name.

    An attachment that cannot be read is a warning, not a failure of the message.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not message.keys():
        raise builder.problem("no es un mensaje de correo.", "Guárdelo de nuevo como EML desde su programa de correo.")
    subject = clean(_field(message, "subject"))
    builder.title = subject
    builder.heading(subject, 1)
    builder.add("; ".join(_heads(message)))
    body = message.get_body(("plain", "html"))
    if body is not None:
        _body(body, builder)
    for part in message.iter_attachments():
        _attachment(part, builder)


def _field(message: EmailMessage, name: str) -> str:
    try:
        return str(message[name] or "")
    except Exception:  # the parser of structured headers raises many kinds on broken ones
        return ""


def _heads(message: EmailMessage) -> Iterator[str]:
    for name, shown in _FIELDS:
        if value := _field(message, name):
            yield f"{shown}: {value}"
    try:
        yield f"Fecha: {message['date'].datetime:%d/%m/%Y %H:%M}"
    except Exception:
        if value := _field(message, "date"):
            yield f"Fecha: {value}"


def _body(part: MIMEPart, builder: DocumentBuilder) -> None:
    payload = part.get_payload(decode=True)
    text = decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else None
    if not text:
        return
    if part.get_content_subtype() == "html":
        title = builder.title
        add_html(text, builder)
        builder.title = title
    else:
        lines = split_lines(text)
        add_lines([line.lstrip("> ") if line.startswith(">") else line for line in lines], builder, numbered=False)


def _attachment(part: MIMEPart, builder: DocumentBuilder) -> None:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        payload = inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""
        name = "mensaje.eml"
    else:
        found = part.get_payload(decode=True)
        payload = found if isinstance(found, bytes) else b""
        name = part.get_filename() or ""
    add_attachment(name, payload, builder)


def add_attachment(name: str, data: bytes, builder: DocumentBuilder, *, level: int = 2) -> None:
    """Append a file attached to a message, under a heading of its name. Types that cannot be read are left out, for
    they are logos and signatures more often than not; what fails is a warning."""
    if not documents.is_supported(name):
        return
    if builder.attached >= MAX_NESTED:
        builder.warn(f"Adjunto no leído, por estar dentro de demasiados mensajes: «{printable(name)}».")
        return
    try:
        document = documents.parse(data, path=name, ocr=builder.ocr, attached=builder.attached + 1)
    except DocumentProblem as problem:
        builder.warn(f"Adjunto no leído: {problem.message}")
        return
    builder.close(level)
    builder.heading(f"Adjunto: {printable(name)}", level)
    builder.extend(document)
