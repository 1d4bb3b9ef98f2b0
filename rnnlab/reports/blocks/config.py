"""The exact configuration of runs, and how to repeat them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import msgspec

from rnnlab.config import FIELDS, RunConfig, to_toml
from rnnlab.config.changed import changed_settings
from rnnlab.errors import UsageError
from rnnlab.reports.document.document import Block
from rnnlab.reports.document.elements import Code, Element, Paragraph, TableElement
from rnnlab.reports.document.simple_table import facts_table
from rnnlab.reports.material.choose import best_run, chosen_rows, run_to_verify
from rnnlab.reports.material.material import Material, Source
from rnnlab.runs.events import RunStarted
from rnnlab.sweeps.specification import NAME

_SHORTENED = "data.path is shortened to its last part, as it names a place on one machine alone."


def config(material: Material, block: Block) -> Iterator[Element]:
    """The settings of each chosen row's best run."""
    for chosen in (each for group in chosen_rows(material, block) for each in group):
        name = best_run(chosen)
        folder = material.run(chosen.group, name)
        try:
            found = folder.config()
        except UsageError:
            yield Paragraph(f"The configuration of {name} cannot be read.", "warning")
            continue
        portable = _portable(found)
        seeds = f", of {len(chosen.names)} runs that differ in seed or fold alone" if len(chosen.names) > 1 else ""
        if block.options["changed"]:
            changed = changed_settings(portable)
            facts = [(key, FIELDS[key].text(value)) for key, value in changed.items()]
            yield TableElement(facts_table(f"{name}{seeds}: settings that are not at the lab's own default", facts))
        else:
            yield Code(to_toml(portable).rstrip("\n"), f"run.toml of {name}{seeds}", "toml")
        if portable != found:
            yield Paragraph(_SHORTENED, "note")


def _portable(found: RunConfig) -> RunConfig:
    """The configuration without places of one machine."""
    if not found.data.path:
        return found
    return msgspec.structs.replace(found, data=msgspec.structs.replace(found.data, path=_last(found.data.path)))


def _last(path: Any) -> str:
    return PurePath(str(path)).name


def repeat(material: Material, _block: Block) -> Iterator[Element]:
    """Commands for each session, what they were trained with, and whether training again gives the same numbers."""
    for source in material.sources:
        yield from _commands(material, source)
    yield from _machine(material)
    verified = {each.run: each for each in material.verified}
    for group in material.groups:
        name = run_to_verify(group)
        if name is None:
            continue
        named = material.qualified(group, name)
        done = verified.get(named)
        if done is None:
            yield Paragraph(
                "Whether a run can be repeated to the bit on this machine, with every number of its log compared, says the "
                "command below; exit code 0: every number matches."
            )
            yield Code(f"rnnlab replay --verify {shlex.quote(named)}", "", "console")
        else:
            yield Paragraph(
                f"replay --verify {'holds' if done.holds else 'does not hold'} for {done.run}: {done.sentence}.",
                "good" if done.holds else "warning",
            )


def _commands(material: Material, source: Source) -> Iterator[Element]:
    specification = source.specification
    if specification is not None:
        path = specification.settings.get("data.path")
        shown = replace(
            specification, settings=dict(specification.settings) | ({"data.path": _last(path)} if path else {})
        )
        yield Paragraph(f"The runs of {source.session.name} are a sweep. This is its specification, {NAME}:")
        yield Code(shown.to_toml().rstrip("\n"), "", "toml")
        if path:
            yield Paragraph(_SHORTENED, "note")
        yield Code(f"rnnlab sweep {NAME} --session {shlex.quote(source.session.name)}", "", "console")
        return
    groups = [group for group in material.groups if group.source is source]
    rows = [row for group in groups for row in group.comparison.rows]
    if not rows:
        return
    if sum(len(row.runs) for row in rows) == 1:
        yield Paragraph("The run keeps its configuration as run.toml, from which it is trained again:")
    else:
        yield Paragraph(
            f"The runs of {source.session.name} keep their configurations as run.toml, from which they are trained again:"
        )
    lines = []
    for row in rows[:_MOST]:
        of_folds = f"  # one of {len(row.runs)} folds or seeds" if row.folds else ""
        seeds = f" --seeds {','.join(map(str, row.seeds))}" if len(row.seeds) > 1 and not row.folds else ""
        run = shlex.quote(f"{source.session.name}/runs/{row.runs[0]}/run.toml")
        lines.append(f"rnnlab train --config {run}{seeds}{of_folds}")
    if len(rows) > _MOST:
        lines.append(f"# and {len(rows) - _MOST} more")
    yield Code("\n".join(lines), "", "console")


_MOST = 20
"""Runs whose commands are listed."""


def _machine(material: Material) -> Iterator[Element]:
    """Device, threads, versions of all runs: what bits depend on."""
    states = [
        material.state(group, name) for group in material.groups for row in group.comparison.rows for name in row.runs
    ]
    events = [state.started for state in states if state.started is not None]
    if not events:
        return
    packages = sorted({package for event in events for package in event.versions})
    yield TableElement(
        facts_table(
            "Trained with",
            [
                ("device", _distinct(_device(event) for event in events)),
                ("threads", _distinct(str(event.threads) for event in events)),
                *(
                    (package, _distinct(event.versions[package] for event in events if package in event.versions))
                    for package in packages
                ),
                ("commit", _distinct(event.commit for event in events)),
            ],
        )
    )


def _device(event: RunStarted) -> str:
    return f"{event.device} ({event.device_name})" if event.device_name else event.device


def _distinct(values: Iterator[str]) -> str:
    return ", ".join(sorted({value for value in values if value}))
