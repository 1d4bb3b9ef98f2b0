"""Surnames by country, from the lists of the Faker library: available after installation.

Only the person provider modules are imported, 17 of Faker's several hundred modules: Faker itself would load them all.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import shown_as_text, to_tokens, tokens_of
from rnnlab.tasks.splitting.dataset import Dataset

LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Algeria": ("fr_DZ", ("last_names",)),
    "Croatia": ("hr_HR", ("last_names",)),
    "Estonia": ("et_EE", ("last_names",)),
    "Finland": ("fi_FI", ("last_names",)),
    "France": ("fr_FR", ("last_names",)),
    "Germany": ("de_DE", ("last_names",)),
    "India": ("en_IN", ("last_names",)),
    "Ireland": ("en_IE", ("last_names",)),
    "Italy": ("it_IT", ("last_names",)),
    "Kenya": ("en_KE", ("last_names",)),
    "Netherlands": ("nl_NL", ("last_names",)),
    "Poland": ("pl_PL", ("unisex_last_names", "male_last_names")),
    "Slovakia": ("sk_SK", ("last_names",)),
    "South Africa": ("zu_ZA", ("last_names",)),
    "Spain": ("es_ES", ("last_names",)),
    "Sweden": ("sv_SE", ("last_names",)),
    "United Kingdom": ("en_GB", ("last_names",)),
}
"""Country → Faker's locale and its lists: those in Latin script that keep at least 200 names once shared ones are dropped.

Austria, New Zealand and the United States, among others, are left out: most of their lists is also a neighbour's.
"""

ALPHABET = (
    " '-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÁÅÉÓÕÖßàáäåçèéêëìíîñòóôõöùúüýąĆćČčĎďĐđęĽľŁłńňŚśŠšŤťźŻżŽž"
)
"""Fixed, so that a net's input size does not depend on Faker's version; any other character is token 0."""

_LONGEST = 24
_ALIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "\xa0": " "})


def clean(text: str) -> str:
    """`text` composed (NFC), with plain apostrophes and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_ALIKE).split())


def _is_surname(name: str) -> bool:
    # The Dutch list holds some medieval nobles as "Bourgondië, van" and "Coreth von und zu Coredo und Starkenberg".
    return 2 <= len(name) <= _LONGEST and all(character.isalpha() or character in " '-" for character in name)


def _listed(locale: str, attributes: Iterable[str]) -> set[str]:
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        return {clean(name) for attribute in attributes for name in getattr(provider, attribute)}
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"Faker's list of surnames {locale} cannot be read ({error}); install another version of faker"
        ) from None


def read(_config: RunConfig) -> Dataset:
    """Dataset of all surnames that only one country lists. Raises `UsageError` where Faker's lists have changed."""
    lists = {country: _listed(locale, attributes) for country, (locale, attributes) in LISTS.items()}
    countries_of = Counter(folded for names in lists.values() for folded in {name.casefold() for name in names})
    names: list[str] = []
    targets: list[int] = []
    for target, country in enumerate(LISTS):
        # A set of texts has another order in each process: sorted, the arrays are the same ones each time.
        own = sorted(name for name in lists[country] if countries_of[name.casefold()] == 1 and _is_surname(name))
        names += own
        targets += [target] * len(own)
    shared = sum(count > 1 for count in countries_of.values())
    inputs, lengths = to_tokens(names, ALPHABET)
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.array(targets, dtype=np.int64),
        keys=names,
        input_size=len(ALPHABET) + 1,
        outputs=len(LISTS),
        classes=tuple(LISTS),
        symbols=ALPHABET,
        notes=(f"{shared:,} surnames that several countries list were dropped",),
        show_input=shown_as_text(ALPHABET),
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed surname. Raises `UsageError`."""
    return tokens_of(clean(text), summary.symbols)
