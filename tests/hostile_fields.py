"""A text put into every string of a value, by the types of its fields (`msgspec.inspect`): an added field is found by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from msgspec import inspect

_NUMBERS: dict[type, Any] = {inspect.IntType: 1, inspect.FloatType: 1.0, inspect.BoolType: True, inspect.NoneType: None}


def filled(value: Any, kind: inspect.Type, text: str, kept: Collection[str] = ()) -> Any:
    """`value`, of this type, with `text` for each string in it; what is not there is made. Fields called as in `kept` stay."""
    match kind:
        case inspect.StrType() | inspect.AnyType() if isinstance(value, str | None):
            return text
        case inspect.AnyType() if isinstance(value, dict):
            return {key: filled(each, kind, text) for key, each in value.items()}
        case inspect.StructType(cls=cls, fields=fields):
            return _struct(value, cls, fields, text, kept)
        case inspect.VarTupleType(item_type=item):
            values = value or ((None,) if holds_strings(item) else ())
            return tuple(_numbered(filled(each, item, text, kept), at) for at, each in enumerate(values))
        case inspect.DictType(value_type=item):
            return _mapping(value, item, text, kept)
        case inspect.UnionType(types=types):
            return _union(value, types, text, kept)
        case inspect.LiteralType(values=values) if value is None:
            return values[0]
    return _NUMBERS.get(type(kind)) if value is None else value


def _struct(value: Any, cls: type, fields: tuple[inspect.Field, ...], text: str, kept: Collection[str]) -> Any:
    """The struct with its fields filled, but for those whose type forbids the text."""
    found: dict[str, Any] = {}
    for field in fields:
        before = getattr(value, field.name) if value is not None else None
        if value is None and not field.required and not holds_strings(field.type):
            continue
        found[field.name] = before if field.name in kept and before else filled(before, field.type, text, kept)
    for field in fields:
        if field.name in found and not _accepted(found[field.name], field.type, cls, field.name):
            found[field.name] = getattr(value, field.name) if value is not None else sound(field.type)
    try:
        return cls(**found)
    except ValueError:
        # One of the texts can be no text of this struct: the first words that can.
        return cls(**{name: _plain(each, text) for name, each in found.items()})


def _plain(value: Any, text: str) -> Any:
    """The value with a plain letter in place of the text."""
    if isinstance(value, tuple):
        return tuple(_plain(each, text) for each in value)
    return value.replace(text, "x") if isinstance(value, str) and text else value


def _accepted(value: Any, kind: inspect.Type, cls: type, name: str) -> bool:
    if not isinstance(kind, inspect.StrType | inspect.VarTupleType) or not isinstance(value, str | tuple):
        return True
    annotated = next(each.type for each in msgspec.structs.fields(cls) if each.name == name)
    try:
        msgspec.convert(value, annotated)
    except msgspec.ValidationError:
        return False
    return True


def sound(kind: inspect.Type) -> Any:
    """A value that a string with a pattern may have."""
    if isinstance(kind, inspect.StrType) and kind.pattern:
        return "0" * 64 if "64" in kind.pattern else "mine"
    if isinstance(kind, inspect.VarTupleType):
        return ()
    return "x" if isinstance(kind, inspect.StrType) else _NUMBERS.get(type(kind))


def _numbered(value: Any, at: int) -> Any:
    """Of several strings each is another one: some stand for classes."""
    return f"{value}{at}" if isinstance(value, str) and at else value


def _mapping(value: Any, item: inspect.Type, text: str, kept: Collection[str]) -> dict[str, Any]:
    """Under the names that the code asks for, and under a stranger's."""
    if not value:
        return {text: filled(None, item, text, kept)}
    under = {key: filled(each, item, text, kept) for key, each in value.items()}
    strange = {f"{text}{at or ''}": each for at, each in enumerate(under.values())}
    return under | strange


def _union(value: Any, types: tuple[inspect.Type, ...], text: str, kept: Collection[str]) -> Any:
    structs = [each for each in types if isinstance(each, inspect.StructType)]
    if isinstance(value, msgspec.Struct):
        return filled(value, next(each for each in structs if each.cls is type(value)), text, kept)
    strings = [each for each in types if isinstance(each, inspect.StrType | inspect.AnyType)]
    if isinstance(value, str) and strings:
        return text
    if value is None:
        chosen = [each for each in types if holds_strings(each)]
        empty = any(isinstance(each, inspect.NoneType) for each in types)
        return filled(None, (chosen or types)[0], text, kept) if chosen or not empty else None
    return value


def holds_strings(kind: inspect.Type) -> bool:
    """Whether a value of this type can hold a text."""
    match kind:
        case inspect.StrType() | inspect.AnyType():
            return True
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return holds_strings(item)
        case inspect.DictType(key_type=key, value_type=item):
            return holds_strings(key) or holds_strings(item)
        case inspect.UnionType(types=types):
            return any(map(holds_strings, types))
        case inspect.StructType(fields=fields):
            return any(holds_strings(field.type) for field in fields)
    return False


def string_fields(kind: inspect.Type, seen: set[type] | None = None) -> Iterator[tuple[type, str]]:
    """Each field that holds a text of the structs that a value of this type may be made of."""
    seen = set() if seen is None else seen
    match kind:
        case inspect.StructType(cls=cls, fields=fields) if cls not in seen:
            seen.add(cls)
            for field in fields:
                if holds_strings(field.type):
                    yield cls, field.name
                yield from string_fields(field.type, seen)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            yield from string_fields(item, seen)
        case inspect.DictType(value_type=item):
            yield from string_fields(item, seen)
        case inspect.UnionType(types=types):
            for each in types:
                yield from string_fields(each, seen)


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts_in(key)
            yield from texts_in(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from texts_in(each)
