"""Data: what a task generates or reads, and how a file of one's own is read: the fields of `data`."""

from typing import Annotated

from rnnlab.config.setting import Setting
from rnnlab.config.split_data import CLASS_TASKS, TOKEN_TASKS, SplitData, applies_for

__all__ = ["TOKEN_TASKS", "Data"]


class Data(SplitData, frozen=True, kw_only=True):
    """Data source, split, encoding and augmentation; what a task generates; how a file is read."""

    classes: Annotated[
        str,
        Setting(
            "Classes to keep, such as English,French,Italian,German,Spanish; all: every class.",
            flag="--classes",
            describes="task",
            applies=applies_for("data.classes"),
        ),
    ] = "all"
    alphabet: Annotated[
        str,
        Setting(
            "Alphabet of the inputs. ascii: accents are removed. unicode: letters stay as they are.",
            choices=("ascii", "unicode"),
            applies=applies_for("data.alphabet"),
        ),
    ] = "ascii"
    window: Annotated[
        int,
        Setting(
            "Window: past steps that are read.",
            ge=1,
            le=100_000,
            flag="--window",
            describes="task",
            applies=applies_for("data.window"),
            usual="8 to 128",
            why="As long as the pattern to find: a weekly one needs 7 days or more.",
            basic=True,
        ),
    ] = 32
    horizon: Annotated[
        int,
        Setting(
            "Horizon: steps ahead that are forecast.",
            ge=1,
            le=1000,
            flag="--horizon",
            describes="task",
            applies=applies_for("data.horizon"),
            usual="1 to 30",
            why="Further ahead is harder; compare with the naive forecasts.",
        ),
    ] = 1
    stride: Annotated[
        int,
        Setting(
            "Stride: steps from one training window to the next.",
            ge=1,
            le=100_000,
            describes="task",
            applies=applies_for("data.stride"),
            same_evaluation=True,
            usual="1 to 16",
            why="Above 1 there are fewer training windows that overlap less: faster epochs.",
        ),
    ] = 1
    season: Annotated[
        int,
        Setting(
            "Season: its length in steps, for the seasonal naive forecast.",
            ge=1,
            le=100_000,
            describes="task",
            applies=applies_for("data.season"),
            same_evaluation=True,
        ),
    ] = 7
    series: Annotated[
        str,
        Setting(
            "Series to forecast, where the data hold several: its name, such as 1:15 for a store and an item, mean over all, or "
            "sum of all (own data); auto: asked, where your file holds several.",
            describes="task",
            applies=applies_for("data.series"),
        ),
    ] = "mean"
    steps: Annotated[
        int,
        Setting(
            "Length of the generated sequences.",
            ge=1,
            le=100_000,
            flag="--steps",
            describes="task",
            applies=applies_for("data.steps"),
            usual="20 to 500",
            why="Longer is harder: the net has to remember for longer.",
        ),
    ] = 100
    test_steps: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Further lengths to evaluate at the end, such as 200,400; none: only the length trained at.",
            ge=1,
            le=100_000,
            optional=True,
            describes="task",
            applies=applies_for("data.test_steps"),
            same_evaluation=True,
        ),
    ] = None
    test_prefixes: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Early decision: evaluate at the end also what is predicted from the first steps of each test sequence "
            "alone, such as 2,4,8; a sequence that has ended by then is read whole; none: whole sequences only.",
            ge=1,
            le=100_000,
            optional=True,
            describes="task",
            applies=(("task.name", CLASS_TASKS),),
            same_evaluation=True,
        ),
    ] = None
    rows: Annotated[
        int,
        Setting(
            "Number of generated sequences.",
            ge=30,
            le=10_000_000,
            flag="--rows",
            describes="task",
            applies=applies_for("data.rows"),
            usual="2000 to 100000",
            why="More where it overfits.",
        ),
    ] = 10_000
    kind: Annotated[
        str,
        Setting(
            "Format of your file; auto: detected. text: texts with labels. series: one series to forecast. steps: a "
            "table of the steps of many sequences, with a label. rows: a table with a sequence in each row.",
            choices=("auto", "text", "series", "steps", "rows", "arrays", "recordings", "ts"),
            describes="task",
            applies=applies_for("data.kind"),
        ),
    ] = "auto"
    problem: Annotated[
        str,
        Setting(
            "Type of your labels. auto: floats are numbers to predict, all others are classes. classes: "
            "floats such as 1.0 and 2.0 are classes too.",
            choices=("auto", "classes"),
            applies=applies_for("data.problem"),
        ),
    ] = "auto"
    input_column: Annotated[
        str | None,
        Setting(
            "Column of the inputs (text), or of values (series); none: detected.",
            optional=True,
            describes="task",
            applies=applies_for("data.input_column"),
        ),
    ] = None
    target_column: Annotated[
        str | None,
        Setting(
            "Column of the labels, or of the value to forecast; none: detected.",
            optional=True,
            describes="task",
            applies=applies_for("data.target_column"),
        ),
    ] = None
    date_column: Annotated[
        str | None,
        Setting(
            "Column of the date, or of the time of a step; several with commas between, where date and time or year, "
            "month and day have a column each. none: detected.",
            optional=True,
            describes="task",
            applies=applies_for("data.date_column"),
        ),
    ] = None
    date_order: Annotated[
        str,
        Setting(
            "Whether 03/04/2020 is the 3rd of April (day-first) or the 4th of March (month-first); auto: what gives even steps.",
            choices=("auto", "day-first", "month-first"),
            describes="task",
            applies=applies_for("data.date_order"),
        ),
    ] = "auto"
    group_column: Annotated[
        str | None,
        Setting(
            "Column of the person, the recording or the series that a row is from; several with commas between. none: detected.",
            optional=True,
            describes="task",
            applies=applies_for("data.group_column"),
        ),
    ] = None
    decimal: Annotated[
        str,
        Setting(
            "Decimal sign of the numbers: with point 1.150 is one and a bit, with comma it is a thousand and more; auto: "
            "detected.",
            choices=("auto", "point", "comma"),
            describes="task",
            applies=applies_for("data.decimal"),
        ),
    ] = "auto"
    missing: Annotated[
        str,
        Setting(
            "What stands for a missing value, with commas between (-999,NA), beside an empty field. empty: an empty field "
            "alone. auto: NA, null and the like, but no class name that many rows have.",
            describes="task",
            applies=applies_for("data.missing"),
        ),
    ] = "auto"
    tokens: Annotated[
        str,
        Setting(
            "Tokens of a text: characters or words; auto: words where texts are sentences.",
            choices=("auto", "characters", "words"),
            earlier=("characters",),
            describes="task",
            applies=applies_for("data.tokens"),
        ),
    ] = "auto"
    vocabulary: Annotated[
        int,
        Setting(
            "Vocabulary: most words that are told apart, the most frequent of the training texts; any other is unknown.",
            ge=10,
            le=20_000,
            describes="task",
            applies=(*applies_for("data.vocabulary"), ("data.tokens", ("auto", "words"))),
            usual="2000 to 20000",
            why="Fewer overfit less.",
        ),
    ] = 10_000
    channels: Annotated[
        str,
        Setting(
            "Axis of the channels in arrays of three axes: last, (rows, steps, channels), or first, (rows, channels, steps).",
            choices=("last", "first"),
            describes="task",
            applies=applies_for("data.channels"),
        ),
    ] = "last"
    seed: Annotated[
        int | None,
        Setting(
            "Random seed of the split; none: train.seed.",
            ge=0,
            le=2**31 - 1,
            optional=True,
            flag="--split-seed",
            why="Set it to keep the split the same while train.seed changes.",
        ),
    ] = None
