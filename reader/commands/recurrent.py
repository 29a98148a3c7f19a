"""``python -m reader recurrent``: the three steps that make the compact reader on a plain CPU."""

from __future__ import annotations

import logging
import random
import sys
from pathlib import Path
from typing import Annotated

import typer

from reader import console

app = typer.Typer(
    cls=console.SpanishGroup,
    no_args_is_help=True,
    help="Entrena el lector compacto para CPU: vectores, preguntas sintéticas, ajuste.",
)
Out = Annotated[Path, typer.Option("--out", help="Dónde se guarda el resultado.")]
Corpus = Annotated[
    list[Path], typer.Option("--corpus", help="Ficheros de texto: .jsonl, .jsonl.xz, .json de SQuAD o .txt.")
]
Train = Annotated[list[Path], typer.Option("--train", help="Ficheros SQuAD de entrenamiento.")]
Words = Annotated[Path, typer.Option("--words", help="Los vectores que hizo el primer paso.")]
Minutes = Annotated[float, typer.Option("--minutes", help="Límite de reloj.")]


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@app.command(cls=console.SpanishCommand)
def words(corpus: Corpus, out: Out, dim: int = 192, vocabulary: int = 50_000, words_per_file: int = 14_000_000) -> None:
    """Primer paso: vectores de palabras (word2vec) y de n-gramas para las palabras nunca vistas."""
    import numpy as np

    from reader.recurrent.embeddings import train_embeddings
    from reader.recurrent.vocabulary import WordVectors, fit_ngrams

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("gensim").setLevel(logging.WARNING)
    keys, vectors, counts = train_embeddings(corpus, dim=dim, vocabulary=vocabulary, words_per_file=words_per_file)
    ngrams = fit_ngrams(keys, vectors)
    padded = np.concatenate([np.zeros((1, dim), dtype=np.float32), vectors])
    WordVectors(tuple(keys), padded, counts, ngrams).save(out)


@app.command(cls=console.SpanishCommand)
def pretrain(
    words: Words, corpus: Corpus, out: Out, questions: int = 200_000, minutes: Minutes = 30.0, seed: int = 0
) -> None:
    """Segundo paso: aprende de preguntas hechas por regla a partir de texto corriente."""
    import torch

    from reader.recurrent.batches import build_examples
    from reader.recurrent.embeddings import read_texts
    from reader.recurrent.synthetic import QuestionMaker, Triple, document_questions
    from reader.recurrent.train import FitConfig, fit, new_network
    from reader.recurrent.vocabulary import WordTable, WordVectors

    vectors = WordVectors.load(words)
    maker = QuestionMaker(vectors, random.Random(seed + 1))
    made: list[Triple] = []
    for path in corpus:
        before = len(made)
        for text in read_texts(path):
            made += document_questions(maker, text)
            if len(made) - before > questions / len(corpus):
                break
        _log(f"{path.name}: {len(made) - before} preguntas")
    table = WordTable(vectors)
    config = FitConfig(epochs=1, minutes=minutes, learning_rate=1.5e-3, dropout=0.15, seed=seed)
    network = fit(new_network(vectors), build_examples(made, table), table, config, on_step=lambda r: _log(str(r)))
    torch.save(network.state_dict(), out)


@app.command(cls=console.SpanishCommand)
def finetune(
    words: Words,
    train: Train,
    out: Out,
    init: Annotated[Path | None, typer.Option(help="Los pesos del segundo paso, o un lector ya ajustado.")] = None,
    epochs: float = 8.0,
    minutes: Minutes = 1e9,
    learning_rate: float = 1e-3,
    negatives: Annotated[float, typer.Option(help="Parte de las preguntas que se repiten sobre otro pasaje.")] = 0.2,
    seeds: Annotated[int, typer.Option(help="Ajustes cuyos pesos se promedian.")] = 1,
    name: str = "mini",
) -> None:
    """Tercer paso: ajuste con preguntas humanas; el umbral sale de artículos apartados."""

    from reader.evaluate import calibrate
    from reader.predictions import predict
    from reader.record import new_record, write_record
    from reader.recurrent.reader import RecurrentReader, load_weights, save_reader_files
    from reader.recurrent.train import FitConfig, average_networks, fit_on_questions, new_network, set_aside
    from reader.recurrent.vocabulary import WordVectors
    from reader.squad import QuestionSet, read_squad

    vectors = WordVectors.load(words)
    sets = [read_squad(path) for path in train]
    fitting, aside = set_aside([question for one in sets for question in one.questions])
    networks = []
    for seed in range(seeds):
        network = new_network(vectors)
        if init:
            network.load_state_dict(load_weights(init))
        config = FitConfig(epochs=epochs, minutes=minutes / seeds, learning_rate=learning_rate, seed=seed)
        networks.append(
            fit_on_questions(network, vectors, fitting, config, negatives=negatives, on_step=lambda r: _log(str(r)))
        )
    out.mkdir(parents=True, exist_ok=True)
    vectors.save(out / "words.npz")
    network = average_networks(networks)
    save_reader_files(out, network, name=name, threshold=0.0)
    held = QuestionSet(tuple(aside), sets[0].report)
    fitted = calibrate(held, predict(RecurrentReader(out), aside, "apartadas"))
    save_reader_files(out, network, name=name, threshold=fitted.value)
    record = new_record(
        "recurrent finetune",
        {
            "epochs": epochs,
            "learning_rate": learning_rate,
            "negatives": negatives,
            "seeds": seeds,
            "minutes": minutes,
        },
        train,
    )
    record["figures"] = {"threshold": fitted.value, "set_aside_f1": 100 * fitted.score, "set_aside": len(aside)}
    write_record(out / "run.json", record)
