"""Typer in Spanish: help pages, usage errors, and mistyped commands. Plain text, so that help starts at once."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from assistant.console import OutputClosed
from assistant.errors import UsageProblem

_BUILT_IN = {
    "help": "Muestra esta ayuda y termina.",
    "install_completion": "Instala el autocompletado en este intérprete de órdenes.",
    "show_completion": "Muestra el guion de autocompletado.",
}


class SpanishCommand(TyperCommand):
    """A command whose help and usage errors are in Spanish."""

    allow_extra_args = True  # refused in ``invoke``, in Spanish

    def invoke(self, ctx: Any) -> Any:
        if ctx.args:
            raise UsageProblem(f"Sobra «{' '.join(ctx.args)}».", f"Vea «{ctx.command_path} --help».")
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # before Typer makes an exit code of its own of it
            raise OutputClosed from error

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)
        _write_text(self.help, formatter)
        _write_parameters(self, ctx, formatter)
        _write_text(self.epilog, formatter)


class SpanishGroup(TyperGroup):
    """A group of commands whose help and usage errors are in Spanish, listed under their panels."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = get_close_matches(name, self.commands, n=1)
            hint = f"¿Quería decir «{close[0]}»? " if close else ""
            raise UsageProblem(f"No existe la orden «{name}».", f"{hint}Vea «{ctx.command_path} --help».")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)  # in the order they were added

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)
        _write_text(self.help, formatter)
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None)
            title = panel if isinstance(panel, str) else "Órdenes"
            panels.setdefault(title, []).append((name, _first_sentence(command.help)))
        for title, rows in panels.items():
            with formatter.section(title):
                formatter.write_dl(rows)
        _write_parameters(self, ctx, formatter)
        _write_text(self.epilog, formatter)


def usage_problem(error: typer.TyperException) -> UsageProblem:
    """Typer's complaint about what was typed, in Spanish; its own words where it is of a kind unknown here."""
    context = getattr(error, "ctx", None)
    remedy = f"Vea «{context.command_path} --help»." if context is not None else ""
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    match type(error).__name__:
        case "NoSuchOption":
            close = getattr(error, "possibilities", None)
            hint = f"¿Quería decir «{min(close)}»? " if close else ""
            return UsageProblem(f"No existe la opción «{option}».", hint + remedy)
        case "BadOptionUsage":
            needs = "necesita un valor" if "requires" in error.message else "no lleva valor"
            return UsageProblem(f"La opción «{option}» {needs}.", remedy)
        case "MissingParameter" if parameter is not None:
            return UsageProblem(f"Falta «{_label(parameter)}».", remedy)
        case "BadParameter" if parameter is not None:
            return UsageProblem(f"El valor de «{_label(parameter)}» no vale.", remedy)
    if error.message == "Missing command.":
        return UsageProblem("Falta decir qué orden.", remedy)
    return UsageProblem(error.format_message(), remedy)


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = [_label(p) if p.required else f"[{_label(p)}]" for p in command.params if isinstance(p, TyperArgument)]
    if isinstance(command, TyperGroup):
        pieces.append("[ORDEN …]")
    formatter.write_usage(ctx.command_path, " ".join([*pieces, "[opciones]"]), prefix="Uso: ")


def _write_text(text: str | None, formatter: Any) -> None:
    if text:
        formatter.write_paragraph()
        formatter.write_text(inspect.cleandoc(text))


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    visible = [p for p in command.get_params(ctx) if not getattr(p, "hidden", False)]
    arguments = [(_label(p), p.help or "") for p in visible if isinstance(p, TyperArgument)]
    options = [(_flags(p), _BUILT_IN.get(p.name or "", p.help or "")) for p in visible if isinstance(p, TyperOption)]
    for title, rows in (("Argumentos", arguments), ("Opciones", options)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _label(parameter: Any) -> str:
    """How messages name a parameter: ``CARPETA``, ``--k``."""
    return (
        parameter.metavar or str(parameter.name).upper()
        if isinstance(parameter, TyperArgument)
        else max(parameter.opts, key=len)
    )


def _flags(option: TyperOption) -> str:
    flags = ", ".join(sorted(option.opts, key=len))
    return flags if option.is_flag else f"{flags} {option.metavar or 'VALOR'}"


def _first_sentence(text: str | None) -> str:
    return inspect.cleandoc(text or "").partition("\n\n")[0].replace("\n", " ").partition(". ")[0].rstrip(".") + "."
