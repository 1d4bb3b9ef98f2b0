"""Data frames of columns, by pandas or polars, whichever a person has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from rnnlab.errors import UsageError

if TYPE_CHECKING:
    import pandas
    import polars

Columns = Mapping[str, Sequence[Any]]
"""Columns of equal length, by name."""


def pandas_frame(columns: Columns) -> pandas.DataFrame:
    """The columns as a pandas data frame. Raises `UsageError` where pandas is not installed."""
    frame: pandas.DataFrame = _library("pandas").DataFrame(dict(columns))
    return frame


def polars_frame(columns: Columns) -> polars.DataFrame:
    """The columns as a polars data frame. Raises `UsageError` where polars is not installed."""
    frame: polars.DataFrame = _library("polars").DataFrame(dict(columns), strict=False)
    return frame


def _library(name: Literal["pandas", "polars"]) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(
            f"{name} is not installed, which to_{name}() needs; install it with: pip install {name}"
        ) from None


def numbers_where_possible(values: Sequence[Any], none: str = "none") -> list[Any]:
    """A column's values: where all are numbers but some texts `none` or empty, these are missing (None); else as they are."""
    missing = (None, "", none)
    if any(isinstance(value, int | float) for value in values) and all(
        isinstance(value, int | float) or value in missing for value in values
    ):
        return [None if value in missing else value for value in values]
    if all(isinstance(value, int | float) or value is None for value in values):
        return list(values)
    return [None if value is None else str(value) for value in values]
