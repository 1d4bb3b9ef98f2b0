"""The encoding of a text that is not UTF-8, from a sample of its lines that are not ASCII.

Which scripts fit is charset-normalizer's measure; what we add is that Latin letters with accents stand alone among ASCII, where
other scripts have them in runs, so that a few French words are never taken for Chinese ones.
"""

from __future__ import annotations

import re

MOST_SAMPLED = 2**15
"""Bytes of a sample from which the encoding is found."""
_LATIN = ("cp1252", "cp1250", "cp1254", "mac_roman")
_OTHERS = (
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256"),
    "tis_620",
)
"""Encodings of other scripts; of two that fit as well the one before."""
_RUN = re.compile(rb"[\x80-\xff]+")
_RUN_OF_OTHERS = 1.6
"""Mean length of the runs of bytes beyond ASCII, from which on they are no accents."""
_NEAR = 0.02
"""Difference in disorder, from 0 to 1, within which two encodings fit as well."""
NAMES = {
    "cp1252": "Latin-1",
    "cp1250": "Windows-1250 (Central European)",
    "cp1254": "Windows-1254 (Turkish)",
    "mac_roman": "Mac Roman",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "shift_jis": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "euc_kr": "EUC-KR (Korean)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "tis_620": "TIS-620 (Thai)",
}


def encoding_of(sample: bytes) -> str:
    """Python's name of the encoding, one of `NAMES`: cp1252, Windows' variant of Latin-1, where nothing fits better."""
    from charset_normalizer import from_bytes

    sample = sample[:MOST_SAMPLED]
    runs = _RUN.findall(sample)
    if not runs:
        return "cp1252"
    others = sum(map(len, runs)) / len(runs) >= _RUN_OF_OTHERS
    wanted = _OTHERS if others else _LATIN
    fits = {
        encoding: match.chaos - match.coherence / 1000
        for match in from_bytes(sample, cp_isolation=list(wanted))
        for encoding in match.could_be_from_charset
    }
    if not fits:
        return "cp1252"
    best = min(fits.values())
    return next((each for each in wanted if each in fits and fits[each] <= best + _NEAR), "cp1252")
