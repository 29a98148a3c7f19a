"""Measure an assistant on questions about its folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.answering import Assistant
from assistant.evaluation.figures import Evaluation, Setup, VariantFigure, evaluation_of
from assistant.evaluation.gold import FolderQuestions
from assistant.evaluation.observing import observe
from assistant.evaluation.outcomes import Outcome, outcome_of
from assistant.evaluation.variants import VARIANTS
from assistant.types import Abstention, Answer, Quote
from reader.bootstrap import mean_interval
from reader.metrics import score_text
from reader.progress import progress

VARIED = 200
"""Questions that are asked again in each variant, spread evenly over the file."""

_BATCH = 16


def evaluate(
    assistant: Assistant, questions: FolderQuestions, setup: Setup, *, variants: bool = False, shown: bool = True
) -> Evaluation:
    """Ask every question, and with ``variants`` some of them again as others would type them."""
    outcomes = [outcome_of(assistant, one) for one in observe(assistant, questions.questions, shown=shown)]
    varied = _variants(assistant, outcomes, shown=shown) if variants else ()
    return evaluation_of(setup, questions, outcomes, varied)


def rule_text(assistant: Assistant) -> str:
    """When it answers, in Spanish."""
    if assistant.rule.probability is not None:
        sure = f"{100 * assistant.rule.probability:.0f} %"
        return f"probabilidad de acierto desde {sure} (prudencia {assistant.settings.prudencia})"
    return f"margen mayor que {assistant.rule.margin:.3f}".replace(".", ",")


def _variants(assistant: Assistant, outcomes: Sequence[Outcome], *, shown: bool) -> tuple[VariantFigure, ...]:
    rows = np.unique(np.linspace(0, len(outcomes) - 1, min(VARIED, len(outcomes))).round().astype(int))
    chosen = [outcomes[row] for row in rows]
    made = []
    with progress("Reescribiendo", len(VARIANTS), shown=shown) as report:
        for number, (name, rewrite) in enumerate(VARIANTS.items(), start=1):
            texts = [rewrite(outcome.observation.asked.text) for outcome in chosen]
            results = [
                result
                for first in range(0, len(texts), _BATCH)
                for result in assistant.ask_many(texts[first : first + _BATCH])
            ]
            made.append(_variant(name, chosen, results, texts[0]))
            report(number, name)
    return tuple(made)


def _variant(
    name: str, outcomes: Sequence[Outcome], results: Sequence[Answer | Abstention], example: str
) -> VariantFigure:
    """Compare what came of the questions as they were with what comes of them typed otherwise."""
    pairs = list(zip(outcomes, results, strict=True))
    f1 = [_f1(outcome, result.quote if isinstance(result, Answer) else None) for outcome, result in pairs]
    forced_falls = [
        _f1(outcome, outcome.quote) - _f1(outcome, result.quote if isinstance(result, Answer) else result.best_rejected)
        for outcome, result in pairs
        if outcome.answerable
    ]
    answered = [isinstance(result, Answer) for result in results]
    return VariantFigure(
        name=name,
        f1=sum(f1) / len(f1),
        fall=mean_interval([100 * outcome.f1 - one for outcome, one in zip(outcomes, f1, strict=True)]),
        forced_fall=mean_interval(forced_falls) if forced_falls else None,
        answered=100 * sum(answered) / len(answered),
        example=example,
    )


def _f1(outcome: Outcome, quote: Quote | None) -> float:
    """Official F1 of these words, in percent; without words, of silence."""
    return 100 * score_text(outcome.question, quote.text if quote else "").f1
