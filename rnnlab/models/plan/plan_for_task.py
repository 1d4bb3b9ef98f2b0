"""Plan of the net of a configuration and its task, before any data is loaded."""

from __future__ import annotations

import msgspec

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig
from rnnlab.config.model import Model
from rnnlab.models.plan.match import matched
from rnnlab.models.plan.net_plan import NetPlan, plan_net


def plan_for(config: RunConfig, card: TaskCard | None = None) -> NetPlan | None:
    """The net of `config`; None where the task's sizes are known only with its data.

    `card`: the task's, where more is known than the catalog has, as of a file that was read.
    """
    card = card or TASKS[config.task.name]
    longest = longest_sequence(config, card)
    per_step = card.problem == "per-step classification"
    if not card.input_size or not card.outputs or (MODELS[config.model.name].flattens and not longest and not per_step):
        return None
    companded = "data.compand" in card.options and card.inputs == "values" and config.data.compand > 0
    embedded = card.inputs == "tokens" and config.data.encoding == "embedding"
    return plan_net(
        config.model,
        input_size=card.input_size * (2 if companded else 1),
        outputs=_outputs(config, card),
        embedding=config.model.embedding if embedded else None,
        per_step=per_step,
        longest=longest,
    )


def longest_sequence(config: RunConfig, card: TaskCard) -> int:
    """Steps of the longest sequence; 0 where they are known only with the data."""
    if "data.window" in card.options:
        return config.data.window
    usual = _usual_steps(card)
    if usual and config.data.steps != usual:
        return config.data.steps if card.longest == usual else 0
    return card.longest


def estimated_steps(config: RunConfig, card: TaskCard) -> tuple[float, float]:
    """Estimated steps of a sequence, on average and at most; zeros where they are known only with the data."""
    if "data.window" in card.options:
        return config.data.window, config.data.window
    longer = config.data.steps / usual if (usual := _usual_steps(card)) else 1.0
    return (card.mean_steps or card.longest) * longer, card.longest * longer


def _usual_steps(card: TaskCard) -> int | None:
    """The default length of the sequences of a task that generates them."""
    usual = card.defaults.get("data.steps")
    return usual if isinstance(usual, int) and "data.steps" in card.options else None


def matched_to(config: RunConfig, parameters: int, card: TaskCard | None = None) -> tuple[RunConfig, int]:
    """`config` with the hidden size whose net has nearest to so many parameters, and how many it has.

    Raises `ConfigError` where the architecture has no hidden size, or the task's sizes are not known yet.
    """

    def planned(model: Model) -> NetPlan:
        plan = plan_for(msgspec.structs.replace(config, model=model), card)
        if plan is None:
            raise ConfigError("task.name", config.task.name, "a task whose sizes are known before its data is read")
        return plan

    model, count = matched(config.model, parameters, planned)
    return msgspec.structs.replace(config, model=model), count


def _outputs(config: RunConfig, card: TaskCard) -> int:
    """Number of classes, of those chosen where some are, or of numbers: of a forecast its horizon."""
    if card.problem == "forecasting" and "data.horizon" in card.options:
        return config.data.horizon
    if "data.classes" in card.options and config.data.classes != "all":
        return len(config.data.classes.split(","))
    return card.outputs
