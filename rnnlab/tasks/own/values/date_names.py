"""Names of months, weekdays and time zones, in the languages in which exports have them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_MONTH_NAMES = (
    "jan january januar janvier janv enero ene gennaio gen janeiro januari janner jaenner января январь янв stycznia styczen sty",
    "feb february februar fevrier fevr fev febrero febbraio fevereiro februari feber февраля февраль фев lutego luty lut",
    "mar march marz maerz mrz mars marzo marco maart mrt марта март мар marca marzec",
    "apr april avril avr abril abr aprile апреля апрель апр kwietnia kwiecien kwi",
    "may mai mayo mag maggio maio mei мая май maj maja",
    "jun june juni juin junio giugno giu junho июня июнь июн czerwca czerwiec cze",
    "jul july juli juillet juil julio luglio lug julho июля июль июл lipca lipiec lip",
    "aug august aout aou agosto ago augustus августа август авг sierpnia sierpien sie augusti",
    "sep sept september septembre septiembre settembre set setembro сентября сентябрь сен сент wrzesnia wrzesien wrz",
    "oct october oktober okt octobre octubre ottobre ott outubro out октября октябрь окт pazdziernika pazdziernik paz",
    "nov november novembre noviembre novembro ноября ноябрь ноя listopada listopad lis",
    "dec december dezember dez decembre diciembre dic dicembre dezembro desember des декабря декабрь дек grudnia grudzien gru",
)


@lru_cache(maxsize=1000)
def folded(word: str) -> str:
    """The word in lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


MONTHS = {folded(name): number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
"""Number of a month by its name or short name, in lower case without accents."""
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
"""Pattern of the name of a month, without accents."""
_WEEKDAY_NAMES = (
    "mon tue wed thu fri sat sun tues weds thur thurs monday tuesday wednesday thursday friday saturday sunday "
    "mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
    "lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche "
    "mie mié jue vie sab sáb dom lunes martes miercoles miércoles jueves viernes sabado sábado domingo"
)
WEEKDAY = "(?:" + "|".join(sorted(_WEEKDAY_NAMES.split(), key=len, reverse=True)) + ")"
"""Pattern of the name of a weekday."""
ZONES = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "wet": 0,
    "bst": 1,
    "west": 1,
    "cet": 1,
    "mez": 1,
    "cest": 2,
    "mesz": 2,
    "eet": 2,
    "eest": 3,
}
ZONES |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9, "msk": 3}
"""Hours that the clock of a named zone is ahead of UTC."""
