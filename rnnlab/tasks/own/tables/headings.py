"""Words that people write above columns."""

from __future__ import annotations

_HEADINGS = (
    "text label class target category name names input output sentence word words tweet review message date time "
    "timestamp datetime day month year week value values price sales y x ds id lang language country surname title "
    "series temperature count demand close open high low volume load passengers item store score rating stars sentiment "
    "content comment user person subject activity polarity toxic intent"
)
HEADINGS = frozenset(_HEADINGS.split())
"""Texts, in lower case, that mark a table's first line as its header."""
_LEADING = (
    "date time timestamp datetime day month year week quarter period ds id index step cycle t ms millis name names item store "
    "product country city user person subject series text datum zeit zeitpunkt tag monat jahr woche name nr fecha hora jour mois"
)
LEADING = frozenset(_LEADING.split())
"""Texts, in lower case, above what tells rows apart, and not above what was measured."""
