"""Setting articles aside from training questions, so that choosing and calibrating see nothing of what was learnt."""

from __future__ import annotations

import random
from collections.abc import Sequence

from reader.squad import Question


def set_aside(questions: Sequence[Question], share: float, seed: int) -> tuple[list[Question], list[Question]]:
    """Split by article: ``(for training, set aside)``, about ``share`` of the questions aside.

    Articles go by title; a context that occurs under two titles goes with the part set aside.
    """
    by_title: dict[str, list[Question]] = {}
    for question in questions:
        by_title.setdefault(question.title, []).append(question)
    titles = sorted(by_title)
    random.Random(seed).shuffle(titles)
    aside: list[Question] = []
    for title in titles:
        if len(aside) + len(by_title[title]) / 2 <= share * len(questions):
            aside += by_title[title]
    contexts = {question.context for question in aside}
    return [question for question in questions if question.context not in contexts], aside
