"""Files that are not UTF-8: what they are read as, and that it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.cli.check import report_lines
from rnnlab.tasks.own.check import check_file
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO


def checked(path: Path) -> str:
    """What `rnnlab data check` prints."""
    return to_text(report_lines(check_file(path, {}), (), 300, MONO, 5))


CHINESE = "".join(f"2019年{1 + day // 28}月{1 + day % 28}日,{100 + day % 7}\n" for day in range(200))
RUSSIAN = (
    "".join(f"{word} фильм;{label}\n" for word in ("Хороший", "Плохой", "Скучный", "Весёлый") for label in "ab") * 9
)
JAPANESE = "この商品はとても良いです,肯定\nひどい品質でした,否定\n" * 20
POLISH = "bardzo dobry film, świetna gra aktorów;dobry\nokropna żenada, źle się to kończy;zły\n" * 20
SPANISH = "muy buena película, qué emoción;España\nmalísima;México\nel niño soñó;Perú\n" * 20
FRENCH = "très bon film, déjà vu;positif\nça m'a plu, un chef-d'œuvre;positif\nennuyé;négatif\n" * 20


@pytest.mark.parametrize(
    ("encoding", "text", "named", "stands"),
    [
        ("gb18030", "日期,销量\n" + CHINESE, "GB18030 (Chinese)", "forecast: 销量"),
        ("cp1251", "текст;метка\n" + RUSSIAN, "Windows-1251 (Cyrillic)", "text: текст"),
        ("koi8_r", "текст;метка\n" + RUSSIAN, "KOI8-R (Cyrillic)", "label: метка"),
        ("shift_jis", "文,評価\n" + JAPANESE, "Shift JIS (Japanese)", "text: 文"),
        ("euc_jp", "文,評価\n" + JAPANESE, "EUC-JP (Japanese)", "label: 評価"),
        ("cp1250", "tekst;ocena książki\n" + POLISH, "Windows-1250 (Central European)", "label: ocena książki"),
        ("cp1252", "texte;étiquette\n" + FRENCH, "Latin-1", "label: étiquette"),
        ("latin-1", "año;país\n" + SPANISH, "Latin-1", "label: país"),
    ],
)
def test_a_file_is_read_in_its_own_encoding_and_that_is_said(
    encoding: str, text: str, named: str, stands: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    text = checked(path)
    assert stands in text
    assert f"is not UTF-8 and was read as {named}" in text


def test_accents_alone_are_latin_however_few_there_are(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(
        "".join(["mois;ventes\n", *(f"1 août {year};{year % 7}\n" for year in range(1990, 2030))]), "latin-1"
    )
    text = checked(path)
    assert "was read as Latin-1" in text
    assert "forecast: ventes" in text
