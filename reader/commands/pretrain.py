"""``pretrain``: a compact encoder from plain text, within a time budget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reader.options import PretrainOptions as Default


def pretrain(
    corpus: Annotated[list[Path], typer.Option(metavar="RUTA", help="Texto: .txt, .md, .jsonl, o carpetas con ellos.")],
    out: Annotated[Path, typer.Option(metavar="CARPETA", help="Dónde se deja el codificador.")],
    minutes: Annotated[float, typer.Option(min=0, help="Tiempo de reloj para todo.")],
    heldout: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Texto con que medir; se aparta del corpus.")
    ] = None,
    init: Annotated[
        str | None, typer.Option(metavar="MODELO", help="Codificador del que se parte, con sus tamaños.")
    ] = Default.init,
    tokenizer: Annotated[
        str | None, typer.Option(metavar="MODELO", help="Vocabulario que se usa; por omisión, se aprende uno.")
    ] = Default.tokenizer,
    vocabulary: Annotated[int, typer.Option(min=100, help="Piezas del vocabulario.")] = Default.vocabulary,
    layers: Annotated[int, typer.Option(min=1, help="Capas.")] = Default.layers,
    hidden: Annotated[int, typer.Option(min=64, help="Unidades por capa, múltiplo de 64.")] = Default.hidden,
    length: Annotated[int, typer.Option(min=16, help="Tokens de una fila.")] = Default.length,
    tokens: Annotated[int, typer.Option(min=16, help="Tokens por lote y dispositivo.")] = Default.tokens,
    accumulate: Annotated[int, typer.Option(min=1, help="Lotes que se suman en cada paso.")] = Default.accumulate,
    learning_rate: Annotated[float, typer.Option(min=0, help="Tasa de aprendizaje máxima.")] = Default.learning_rate,
    warmup: Annotated[float, typer.Option(min=0, max=0.9, help="Parte del tiempo en que la tasa sube.")] = (
        Default.warmup
    ),
    weight_decay: Annotated[float, typer.Option(min=0, help="Decaimiento de las matrices.")] = Default.weight_decay,
    clip: Annotated[float, typer.Option(min=0, help="Norma máxima del gradiente.")] = Default.clip,
    mask_share: Annotated[float, typer.Option(min=0, max=0.9, help="Parte de las palabras que se ocultan.")] = (
        Default.mask_share
    ),
    questions: Annotated[int, typer.Option(min=0, help="Tramos repetidos que se preguntan por fila; 0: ninguno.")] = (
        Default.questions
    ),
    steps: Annotated[int | None, typer.Option(min=1, help="En vez del reloj: número de pasos.")] = Default.steps,
    checkpoint_minutes: Annotated[float, typer.Option(min=0, help="Minutos entre puntos de control.")] = (
        Default.checkpoint_minutes
    ),
    compile: Annotated[
        bool | None, typer.Option("--compile/--no-compile", help="torch.compile; por omisión, en CUDA.")
    ] = Default.compile,
    seed: Annotated[int, typer.Option(help="Semilla de todo lo aleatorio.")] = Default.seed,
) -> None:
    """Preentrena un codificador compacto con texto corriente en un tiempo dado.

    Aprende un vocabulario, oculta palabras enteras y pregunta por tramos repetidos. Si se interrumpe, la misma orden
    sigue donde quedó.
    """
    options = Default(
        corpus=tuple(corpus),
        out=out,
        minutes=minutes,
        heldout=heldout,
        init=init,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        layers=layers,
        hidden=hidden,
        length=length,
        tokens=tokens,
        accumulate=accumulate,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        clip=clip,
        mask_share=mask_share,
        questions=questions,
        steps=steps,
        checkpoint_minutes=checkpoint_minutes,
        compile=compile,
        seed=seed,
    )
    from reader.pretrain import pretrain as run

    typer.echo(run(options))
