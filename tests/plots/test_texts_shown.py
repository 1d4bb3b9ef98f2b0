"""Texts in tables: sentences are wrapped, and no line is wider than its cells, whatever the script."""

from __future__ import annotations

import pytest

from rnnlab.plots.dataset.samples import sample_block
from rnnlab.runs.events import Sample
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import MONO
from rnnlab.ui.run.panels.samples import sample_lines

SENTENCE = (
    "could you please tell me when the next train to the city leaves and whether I have to change on the way there"
)
CHINESE = "请问 下一班 开往 市中心 的 列车 几点 发车 我 需要 在 途中 换乘 吗 谢谢 您 的 帮助 祝 您 愉快 再见 朋友"


def samples(*texts: str) -> dict[str, object]:
    return {"problem": "classification", "samples": [{"input": text, "target": "question"} for text in texts]}


@pytest.mark.parametrize("width", [40, 58, 80, 140])
@pytest.mark.parametrize("text", [SENTENCE, CHINESE, "😂 " * 60])
def test_a_sample_is_as_wide_as_its_cells(text: str, width: int) -> None:
    lines = sample_block(samples(text, "short"), width, MONO)
    assert {width_of(line) for line in lines[1:]} == {width}
    sample = Sample(input=text, target="question", prediction="an answer", correct=False, probability=0.5)
    assert all(width_of(line) <= width for line in sample_lines([sample], width, 5, MONO))


def test_a_sentence_is_shown_in_up_to_three_lines_and_a_name_in_one() -> None:
    lines = to_text(sample_block(samples(SENTENCE), 58, MONO)).splitlines()
    shown = " ".join(" ".join(lines[1:]).replace("→ question", "").split())
    assert shown == SENTENCE
    assert len(to_text(sample_block(samples(SENTENCE * 9), 58, MONO)).splitlines()) == 4
    assert len(to_text(sample_block(samples("n" * 300), 58, MONO)).splitlines()) == 2


def test_where_predictions_are_short_the_sentences_have_the_room() -> None:
    [line] = sample_lines(
        [Sample(input=SENTENCE, target="ham", prediction="ham", correct=True, probability=1.0)], 80, 5, MONO
    )
    assert SENTENCE[:55] in to_text([line])
