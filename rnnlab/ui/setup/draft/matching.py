"""The hidden size with which a net has about as many parameters as another one, so that two are compared fairly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.config import FIELDS, UsageError
from rnnlab.config.net import describe_net
from rnnlab.models.plan.plan_for_task import matched_to
from rnnlab.ui.setup.draft.draft import Draft
from rnnlab.ui.setup.draft.estimate import estimate

if TYPE_CHECKING:
    from typing import TypeAlias

    Counted: TypeAlias = tuple[str, int]


def counted_net(draft: Draft) -> Counted | None:
    """The draft's net in a few words, and its number of parameters; None while it cannot be counted."""
    figures = estimate(draft)
    return None if figures is None else (describe_net(draft.config().model), figures.parameters)


def match_parameters(draft: Draft, other: Counted | None) -> str:
    """Set the draft's hidden size so that its net has about as many parameters as `other`, or as the task's own net.

    Returns a sentence on what was set. Raises `UsageError` where nothing can be matched.
    """
    if draft.over:
        raise UsageError(
            "the fields describe several nets; to compare nets with about as many parameters, begin the sweep on the command "
            "line with --match-parameters"
        )
    now = counted_net(draft)
    if now is None:
        raise UsageError("the net cannot be counted yet, so nothing can be matched")
    if other is None or other[0] == now[0]:
        other = counted_net(Draft({"task.name": draft.card.name})) or now
    config, count = matched_to(draft.config(), other[1], draft.card)
    draft.settle()
    draft.set("model.hidden", FIELDS["model.hidden"].text(config.model.hidden))
    draft.settle()
    return f"{describe_net(config.model)}: {count:,} parameters, nearest to the {other[1]:,} of {other[0]}; ^z takes it back"
