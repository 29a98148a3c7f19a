"""The model card of a trained reader, written from the record of its run and from evaluations: nothing by hand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reader.config import ReaderConfig
from reader.download import DATASETS
from reader.errors import DataProblem
from reader.export import Difference

_WEIGHTS = {
    "fp32": "32-bit floats",
    "bf16": "bfloat16",
    "int8": "8-bit integers with one scale for each row of a matrix (read by this project only)",
}
_FIGURES = ("exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1", "total")


def model_card(
    config: ReaderConfig,
    *,
    weights: str,
    record: Mapping[str, Any] | None = None,
    evaluations: Sequence[Mapping[str, Any]] = (),
    difference: Difference | None = None,
    licence: str = "",
) -> str:
    """The card as Markdown with the front matter of model hubs.

    Args:
        record: ``run.json`` of the training run.
        evaluations: what ``python -m reader evaluate --json`` printed.
        difference: of these weights against those that were trained.
        licence: of the weights, as the person who publishes them states it.
    """
    parts = [
        _front_matter(record, licence),
        f"# {config.name}",
        "A Spanish extractive reader: given a question and a passage it points at the words of the passage that "
        "answer, or says that there are none. It never writes words of its own.",
        _use(config, weights),
        *([f"Against the weights as trained: {difference.text()}."] if difference else []),
        _figures(evaluations),
        *(_training(record) if record else ["## Training", "No record of the run was at hand for this card."]),
        "## Limits",
        "The threshold was fitted on the development questions of the run; on other kinds of documents it may be too "
        "bold or too shy: fit it again with `python -m reader evaluate --calibrate-on`. A span is an exact quotation, "
        "but can still be the wrong one: show it in its sentence and with its source.",
    ]
    return "\n\n".join(parts) + "\n"


def read_evaluation(path: Path) -> dict[str, Any]:
    """An evaluation that ``evaluate --json`` wrote. Raises DataProblem where it is none."""
    remedy = "Hágala con «python -m reader evaluate --json > FICHERO»."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(content[key], kind) for key, kind in (("data", str), ("figures", dict))):
            raise ValueError("no es una evaluación")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataProblem(f"{path} no es una evaluación en JSON: {error}.", remedy) from error
    return dict(content)


def _front_matter(record: Mapping[str, Any] | None, licence: str) -> str:
    lines = ["---", "language: es", "pipeline_tag: question-answering", "tags: [extractive-qa, spanish]"]
    lines += [f"license: {licence}"] if licence else []
    base = _hub_name(str(record["arguments"].get("base", ""))) if record else ""
    lines += [f"base_model: {base}"] if re.fullmatch(r"[\w.-]+/[\w.-]+", base) and not Path(base).exists() else []
    return "\n".join([*lines, "---"])


def _use(config: ReaderConfig, weights: str) -> str:
    return (
        f"## Use\n\nWeights: {_WEIGHTS[weights]}. Windows of {config.max_seq_length} tokens that share "
        f"{config.stride}; it answers where the margin of the best span over the null score is greater than "
        f"{config.threshold:.4g}.\n\n"
        '```\nassistant ask --reader FOLDER "…"\npython -m reader predict --model FOLDER --data questions.json\n```'
    )


def _figures(evaluations: Sequence[Mapping[str, Any]]) -> str:
    if not evaluations:
        return "## Figures\n\nNot evaluated on questions of its own when this card was written."
    head = [f"| questions | {' | '.join(_FIGURES)} | threshold |", "| --- |" + " --- |" * (len(_FIGURES) + 1)]
    rows = []
    for made in evaluations:
        figures = made["figures"]
        values = [f"{figures[name]:.2f}" if name in figures else "" for name in _FIGURES[:-1]]
        total = f"{figures.get('total', 0):.0f}"
        rows.append(f"| {Path(made['data']).name} | {' | '.join([*values, total])} | {_threshold(made)} |")
    intervals = [
        f"{Path(made['data']).name}: F1 {low:.2f} to {high:.2f}"
        for made in evaluations
        for low, high in [made.get("intervals", {}).get("f1", (None, None))]
        if low is not None
    ]
    note = ["", f"95 % intervals: {'; '.join(intervals)}."] if intervals else []
    return "\n".join(["## Figures", "", "Official SQuAD 2.0 definitions, in percent.", "", *head, *rows, *note])


def _threshold(made: Mapping[str, Any]) -> str:
    value = made.get("threshold")
    return f"{value:.3f}" if isinstance(value, (int, float)) else ""


def _training(record: Mapping[str, Any]) -> Iterable[str]:
    yield "## Training"
    arguments = record["arguments"]
    facts = {
        "base": _hub_name(str(arguments.get("base", ""))),
        "parameters": _counted(record.get("parameters")),
        "questions": _counted(record.get("questions")),
        "windows": _counted(record.get("windows")),
        "steps": _counted(record.get("steps")),
        "batch size": arguments.get("batch_size"),
        "learning rate": arguments.get("learning_rate"),
        "epochs": arguments.get("epochs"),
        "seed": arguments.get("seed"),
        "development F1 (chose checkpoint and threshold)": record.get("dev_f1") and f"{record['dev_f1']:.2f}",
        "time": record.get("seconds") and f"{record['seconds'] / 60:.0f} min on {record.get('device', 'unknown')}",
        "finished": record.get("finished"),
        "commit": record.get("commit"),
    }
    rows = [f"| {name} | {value} |" for name, value in facts.items() if value not in (None, "")]
    yield "\n".join(["| | |", "| --- | --- |", *rows])
    yield "\n".join(["Data:", "", *(_data_line(file) for file in record.get("data", ()))])
    yield f"Command:\n\n```\n{shlex.join(_portable(word) for word in record['command'])}\n```"
    versions = ", ".join(f"{name} {version}" for name, version in record.get("packages", {}).items())
    yield f"Python {record.get('python', '')}; {versions}."


def _data_line(file: Mapping[str, Any]) -> str:
    known = {remote.sha256: data for data in DATASETS.values() for remote in data.files if remote.sha256}
    data = known.get(file["sha256"])
    origin = f"{data.title}, {data.licence}" if data else "of unrecorded origin and licence"
    return f"- `{file['name']}`: {origin} ({file['bytes']:,} bytes, SHA-256 `{file['sha256']}`)"


def _portable(word: str) -> str:
    """A word of a command without the folders of the machine where it ran."""
    return Path(word).name if Path(word).is_absolute() else word


def _hub_name(base: str) -> str:
    """The hub id of a known name; the last part of an absolute path; anything else as it is."""
    from reader.registry import READERS

    known = {model.name: model.source for model in READERS if model.source}
    return known.get(base) or _portable(base)


def _counted(value: Any) -> str | None:
    return f"{value:,}" if isinstance(value, int) else None
