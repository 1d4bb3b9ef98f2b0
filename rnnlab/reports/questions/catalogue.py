"""The questions, in the order in which they are asked."""

from __future__ import annotations

from rnnlab.reports.questions.gradients import clipping, forgetting
from rnnlab.reports.questions.nets import cells, convolutions, parameters
from rnnlab.reports.questions.question import Question
from rnnlab.reports.questions.settings import ASKED, balance, setting_answer
from rnnlab.reports.questions.training import baseline, chance, overfitting

QUESTIONS: tuple[Question, ...] = (
    Question("baseline", "Is the net better than the simplest guess?", baseline),
    Question("cells", "When does an LSTM win?", cells),
    *(Question(key, text, setting_answer(key)) for key, text in ASKED.items()),
    Question("balance", "What did the treatment of unequal classes do?", balance),
    Question("overfitting", "Does it overfit, and was the last epoch the best?", overfitting),
    Question("chance", "How much is chance?", chance),
    Question("clipping", "Why are gradients clipped?", clipping),
    Question("forgetting", "How far back does the gradient reach, and why do Elman nets forget?", forgetting),
    Question("parameters", "How many parameters are there, and where?", parameters),
    Question("convolutions", "Conv1d or Conv2d of width one?", convolutions),
)
