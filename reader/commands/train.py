"""``train``: fine-tune an encoder for question answering."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reader.options import TrainOptions as Default


def train(
    base: Annotated[str, typer.Option(metavar="MODELO", help="Codificador del que se parte: nombre, carpeta o hub.")],
    train: Annotated[list[Path], typer.Option(metavar="FICHERO", help="Preguntas SQuAD; puede repetirse.")],
    out: Annotated[Path, typer.Option(metavar="CARPETA", help="Dónde se deja el modelo.")],
    dev: Annotated[
        Path | None,
        typer.Option(metavar="FICHERO", help="Preguntas que eligen el mejor punto y el umbral; no informe con ellas."),
    ] = None,
    dev_share: Annotated[
        float, typer.Option(min=0, max=0.9, help="Sin --dev: parte de los artículos que se aparta para eso.")
    ] = Default.dev_share,
    batch_size: Annotated[int, typer.Option(min=1, help="Ventanas por lote y dispositivo.")] = Default.batch_size,
    tokens: Annotated[
        int | None, typer.Option(min=1, help="En vez de --batch-size: tokens por lote y dispositivo.")
    ] = Default.tokens,
    accumulate: Annotated[int, typer.Option(min=1, help="Lotes que se suman en cada paso.")] = Default.accumulate,
    learning_rate: Annotated[float, typer.Option(min=0, help="Tasa de aprendizaje máxima.")] = Default.learning_rate,
    epochs: Annotated[float, typer.Option(min=0.01, help="Pasadas por los datos.")] = Default.epochs,
    warmup: Annotated[float, typer.Option(min=0, max=0.9, help="Parte de los pasos en que la tasa sube.")] = (
        Default.warmup
    ),
    weight_decay: Annotated[float, typer.Option(min=0, help="Decaimiento de las matrices.")] = Default.weight_decay,
    clip: Annotated[float, typer.Option(min=0, help="Norma máxima del gradiente.")] = Default.clip,
    max_length: Annotated[int, typer.Option(min=16, help="Tokens de una ventana.")] = Default.max_length,
    stride: Annotated[int, typer.Option(min=0, help="Tokens comunes a dos ventanas seguidas.")] = Default.stride,
    packing: Annotated[
        bool | None,
        typer.Option("--packing/--no-packing", help="Varias ventanas por fila, sin verse; por omisión, en CUDA."),
    ] = Default.packing,
    compile: Annotated[
        bool | None, typer.Option("--compile/--no-compile", help="torch.compile; por omisión, en CUDA si compensa.")
    ] = Default.compile,
    evaluate_every: Annotated[
        int | None, typer.Option(min=1, help="Pasos entre evaluaciones; por omisión, una por pasada.")
    ] = Default.evaluate_every,
    patience: Annotated[int, typer.Option(min=1, help="Evaluaciones sin mejora antes de parar.")] = Default.patience,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Pasos entre puntos de control.")] = (
        Default.checkpoint_every
    ),
    seed: Annotated[int, typer.Option(help="Semilla de todo lo aleatorio.")] = Default.seed,
    exact: Annotated[
        bool, typer.Option("--exact", help="También en CUDA, los mismos bits cada vez; algo más lento.")
    ] = Default.exact,
) -> None:
    """Entrena un lector a partir de un codificador de tipo BERT.

    Sin más opciones sigue la receta publicada de BETO. Si se interrumpe, la misma orden sigue donde quedó.
    """
    options = Default(
        base=base,
        train=tuple(train),
        out=out,
        dev=dev,
        dev_share=dev_share,
        batch_size=batch_size,
        tokens=tokens,
        accumulate=accumulate,
        learning_rate=learning_rate,
        epochs=epochs,
        warmup=warmup,
        weight_decay=weight_decay,
        clip=clip,
        max_length=max_length,
        stride=stride,
        packing=packing,
        compile=compile,
        evaluate_every=evaluate_every,
        patience=patience,
        checkpoint_every=checkpoint_every,
        seed=seed,
        exact=exact,
    )
    from reader.train import train as run

    typer.echo(run(options))
