"""Load the network and the tokenizer of a checkpoint folder, with every problem told in Spanish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reader.errors import ModelProblem
from reader.model_files import INT8_WEIGHTS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_COPY = "Copie de nuevo la carpeta del modelo entera."


def load_model(folder: Path, *, new_head: bool = False) -> PreTrainedModel:
    """The question-answering model in ``folder``, in fp32 on the CPU, however its weights are stored.

    With ``new_head``, an encoder will do: where it has no head that points at spans, one starts at random.
    Raises ModelProblem.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering

    options = {"dtype": torch.float32, "output_loading_info": True}
    with _problems(folder), quiet():
        if (folder / INT8_WEIGHTS).is_file():
            model, report = _load_int8(folder, **options)
        else:
            model, report = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True, **options)
    missing = {key for key in report["missing_keys"] if not (new_head and key.startswith("qa_outputs."))}
    if missing:
        raise ModelProblem(
            f"El modelo de {folder} no sabe señalar respuestas: le falta {', '.join(sorted(missing))}.",
            "Afínelo con «python -m reader train --base CARPETA», o use otro lector (vea «assistant models»).",
        )
    return model


def _load_int8(folder: Path, **options: Any) -> Any:
    """Model and loading report of a folder that :func:`reader.export.export` wrote in int8."""
    from safetensors.torch import load_file
    from transformers import MODEL_FOR_QUESTION_ANSWERING_MAPPING, AutoConfig

    from reader.quantization import dequantize

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    state = dequantize(load_file(folder / INT8_WEIGHTS))
    return MODEL_FOR_QUESTION_ANSWERING_MAPPING[type(config)].from_pretrained(
        None, config=config, state_dict=state, **options
    )


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The checkpoint's own tokenizer, as its own files say (cased or not, accents or not). Raises ModelProblem."""
    from transformers import AutoTokenizer

    with _problems(folder), quiet():
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if not tokenizer.is_fast:
        raise ModelProblem(f"El tokenizador de {folder} no da posiciones.", "Hace falta un «tokenizer.json».")
    return tokenizer


@contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and loading reports of transformers, which would break a full-screen terminal."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def _problems(folder: Path) -> Iterator[None]:
    """Turn whatever loading raises into a ModelProblem: the libraries raise nearly anything on damaged files."""
    try:
        yield
    except ModelProblem:
        raise
    except MemoryError as error:
        raise ModelProblem(f"No hay memoria bastante para {folder}.", "Cierre otros programas o use «mini».") from error
    except Exception as error:
        raise ModelProblem(f"No se puede cargar el modelo de {folder}: {_first_line(error)}", _COPY) from error


def _first_line(error: Any) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
