"""A run as an event file of TensorBoard: its curves with the times of the log, and its settings as hyperparameters."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from rnnlab.config.changed import changed_settings
from rnnlab.errors import UsageError
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated, Progress, Record, RunFailed, RunFinished, RunStarted
from rnnlab.text.sanitise import plain

_SESSION = "_hparams_/session_start_info"
_END = "_hparams_/session_end_info"
_EXPERIMENT = "_hparams_/experiment"

_ALWAYS = ("task.name", "model.name", "model.hidden", "optim.lr", "train.batch_size", "train.epochs", "train.seed")
"""Settings that each run tells, so that runs stand in one table."""


def tensorboard_file(run: str, records: Sequence[Record]) -> tuple[str, bytes, int]:
    """The name of the event file, its bytes, and how many numbers it holds.

    `records`: those of the log that hold. The same log gives the same bytes. Raises `UsageError` where the package tensorboard
    is missing, and for a run that has not begun.
    """
    if find_spec("tensorboard") is None:
        raise UsageError(
            "an export to TensorBoard needs the package tensorboard, which is not installed: "
            "pip install 'rnnlab[tensorboard]'"
        )
    started = next((each for each in records if isinstance(each.data, RunStarted)), None)
    if started is None or not isinstance(started.data, RunStarted):
        raise UsageError(f"{run} has not begun, so there is nothing to export")
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    stream = io.BytesIO()
    writer = RecordWriter(stream)
    writer.write(Event(wall_time=started.wall, file_version="brain.Event:2").SerializeToString())
    final = dict(_finals(records))
    for tag, step, wall, metadata in _hyperparameters(run, started, final, records[-1]):
        summary = Summary(value=[Summary.Value(tag=tag, metadata=metadata)])
        writer.write(Event(wall_time=wall, step=step, summary=summary).SerializeToString())
    count = 0
    for tag, value, step, wall in _scalars(records):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.write(Event(wall_time=wall, step=step, summary=summary).SerializeToString())
        count += 1
    writer.flush()
    return f"events.out.tfevents.{int(started.wall):010d}.rnnlab", stream.getvalue(), count


def _scalars(records: Sequence[Record]) -> Iterator[tuple[str, float, int, float]]:
    """Tag, value, step and wall time of each number, in the order of the log."""
    for record in records:
        event, wall = record.data, record.wall
        if isinstance(event, Progress) and event.steps:
            for tag, held in (("loss/train", event.loss), ("grad_norm", event.grad_norm), ("lr", event.lr)):
                if held is not None:
                    yield tag, real(held), event.step, wall
        elif isinstance(event, Evaluated):
            where = _where(event)
            for name, held in ({"loss": event.loss} | event.metrics).items():
                if event.final:
                    yield f"best_weights_{plain(name)}/{where}", real(held), event.step, wall
                elif name != "loss" or not event.running:  # the loss of training is there, update by update
                    yield f"{plain(name)}/{where}", real(held), event.step, wall


def _finals(records: Sequence[Record]) -> Iterator[tuple[str, float]]:
    """The figures of the best weights at the end, by tag."""
    for record in records:
        event = record.data
        if isinstance(event, Evaluated) and event.final:
            for name, held in ({"loss": event.loss} | event.metrics).items():
                yield f"best_weights_{plain(name)}/{_where(event)}", real(held)


def _where(event: Evaluated) -> str:
    """`test`, or of a further test `test 200 steps`; text from a log, which may come from a stranger."""
    return plain(f"{event.split} {event.extra_test}".strip(), 200)


def _hyperparameters(
    run: str, started: Record, final: Mapping[str, float], last: Record
) -> Iterator[tuple[str, int, float, Any]]:
    """What the HPARAMS tab reads: tag, step, wall time and metadata of each entry."""
    from tensorboard.compat.proto.summary_pb2 import SummaryMetadata
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    def entry(**content: Any) -> Any:
        data = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **content)
        plugin = SummaryMetadata.PluginData(plugin_name=metadata.PLUGIN_NAME, content=data.SerializeToString())
        return SummaryMetadata(plugin_data=plugin)

    assert isinstance(started.data, RunStarted)
    run = plain(run)
    chosen = _settings(started.data)
    experiment = api_pb2.Experiment(
        name=run,
        time_created_secs=started.wall,
        hparam_infos=[api_pb2.HParamInfo(name=key, type=_kind(value)) for key, value in chosen.items()],
        metric_infos=[api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag)) for tag in final],
    )
    yield _EXPERIMENT, 0, started.wall, entry(experiment=experiment)
    info = plugin_data_pb2.SessionStartInfo(group_name=run, start_time_secs=started.wall)
    for key, value in chosen.items():
        if isinstance(value, bool):
            info.hparams[key].bool_value = value
        elif isinstance(value, int | float):
            info.hparams[key].number_value = value  # a log's settings are finite
        else:
            info.hparams[key].string_value = _text(value)
    yield _SESSION, 0, started.wall, entry(session_start_info=info)
    status = api_pb2.STATUS_RUNNING
    if isinstance(last.data, RunFinished | RunFailed):
        status = api_pb2.STATUS_FAILURE if isinstance(last.data, RunFailed) else api_pb2.STATUS_SUCCESS
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=last.wall)
    yield _END, 0, last.wall, entry(session_end_info=end)


def _settings(started: RunStarted) -> dict[str, Any]:
    """The run's settings that are not at their defaults, and those that are compared in any case."""
    always = {}
    for key in _ALWAYS:
        group, _, name = key.partition(".")
        always[key] = started.config.get(group, {}).get(name)
    settings = always | changed_settings(started.config)
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in settings.items() if value is not None
    }


def _kind(value: object) -> Any:
    from tensorboard.plugins.hparams import api_pb2

    if isinstance(value, bool):
        return api_pb2.DATA_TYPE_BOOL
    return api_pb2.DATA_TYPE_FLOAT64 if isinstance(value, int | float) else api_pb2.DATA_TYPE_STRING


def _text(value: object) -> str:
    return plain(",".join(map(str, value)) if isinstance(value, tuple) else str(value), 1000)
