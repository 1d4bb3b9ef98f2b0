"""Generator of plain English sentences of an exact number of letters, from word lists and five patterns.

They are grammatical and mostly make sense of a kind ("the old sailor painted our little boat"); they are nobody's text. What
a net can learn of them is what it could of real ones, only more easily: words, and which letters follow which.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

NOUNS = (
    "actor apple artist baker bear bell bird boat book bottle box boy bread bridge brother bucket butcher cake camel candle "
    "captain car castle cat chair child church city clock cloud coat cook corner cousin cow cup dancer daughter doctor dog "
    "donkey door driver duck engine farmer father field fire fisherman flower forest fox friend garden gate girl glass "
    "goat grandmother guest guitar hammer harbour hat hill horse hotel house hunter island judge key king kitchen knife "
    "ladder lake lamp lawyer letter library lion machine map market meadow miller mirror monkey moon mother mountain mouse "
    "neighbour nurse ocean office orange owl painter palace parrot pencil piano picture pilot pirate plumber poet pond "
    "postman prince prison queen rabbit radio river road robot roof room rope sailor school secretary sheep ship shoe shop "
    "singer sister soldier spider spoon stable star station stone storm stranger street student sun table tailor teacher "
    "telephone theatre thief tiger tower town train tree uncle valley village violin waiter wall watch water wheel wife "
    "window wind winter wizard wolf woman writer yard"
).split()
ADJECTIVES = (
    "angry big black blue brave bright broken brown busy calm careful cheap clean clever cold dark deep dirty dry empty "
    "famous fast fat foolish forgotten friendly gentle golden good great green grey happy heavy high honest hungry kind "
    "large lazy little lonely long lost loud lucky mysterious narrow new nice noisy old pale patient poor pretty proud quick "
    "quiet red rich round sad sharp short shy silent silver simple sleepy slow small soft strange strong sweet tall thin "
    "tired tiny ugly warm weak wet white wide wild wise wonderful yellow young"
).split()
MOVED = (
    "climbed crawled danced drove fell flew hid hurried jumped knelt laughed lay lived played ran rested rode sailed sang "
    "sat shouted slept slipped smiled stood stopped swam talked travelled turned waited walked wandered whispered worked"
).split()
DID = (
    "admired borrowed bought broke carried caught chased cleaned counted described drew dropped followed forgot found "
    "guarded heard helped hid kept kicked left liked lost loved made met missed moved needed opened painted photographed "
    "pulled pushed remembered sold stole took touched visited wanted washed watched"
).split()
ADVERBS = (
    "again alone always badly bravely carefully early gladly happily late never often once proudly quickly quietly "
    "sadly seldom silently slowly sometimes soon suddenly together twice wildly"
).split()
PLACED = "above across along around before behind below beside beyond by from inside near opposite over past through to under".split()
DETERMINERS = "the the the the my our your his her their this that every one".split()

_PATTERNS: tuple[tuple[Sequence[str], ...], ...] = (
    (DETERMINERS, ADJECTIVES, NOUNS, MOVED, PLACED, DETERMINERS, NOUNS),
    (DETERMINERS, NOUNS, DID, DETERMINERS, ADJECTIVES, NOUNS),
    (DETERMINERS, NOUNS, MOVED, ADVERBS, PLACED, DETERMINERS, ADJECTIVES, NOUNS),
    (DETERMINERS, ADJECTIVES, NOUNS, DID, DETERMINERS, NOUNS, PLACED, DETERMINERS, NOUNS),
    (DETERMINERS, NOUNS, PLACED, DETERMINERS, NOUNS, DID, DETERMINERS, NOUNS),
)


def sentences(seed: int, rows: int, letters: int) -> list[tuple[str, ...]]:
    """`rows` distinct sentences as words, each of `letters` letters in all, the same for the same seed everywhere.

    The words are drawn evenly, but for the last, a noun, which is drawn among those that make the length.
    """
    # random() alone is promised to give the same numbers in every version of Python.
    uniform = random.Random(seed).random
    by_length: dict[int, list[str]] = defaultdict(list)
    for noun in NOUNS:
        by_length[len(noun)].append(noun)
    made: dict[str, tuple[str, ...]] = {}
    while len(made) < rows:
        pattern = _PATTERNS[int(uniform() * len(_PATTERNS))]
        words = [slot[int(uniform() * len(slot))] for slot in pattern[:-1]]
        fitting = by_length.get(letters - sum(map(len, words)))
        if fitting and (last := fitting[int(uniform() * len(fitting))]) not in words:
            made.setdefault("".join(words) + last, (*words, last))
    return list(made.values())
