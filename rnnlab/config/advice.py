"""Advice on settings, given those of the run: never one that is set already, nor one that does not apply."""

from __future__ import annotations

from rnnlab.config.tree import RunConfig

LESS_MEMORY = "try a smaller train.batch_size, then a smaller model.hidden or fewer model.layers"
"""Against memory that does not suffice."""


def clip(config: RunConfig) -> str:
    """`optim.clip_norm = 1`, where gradients are not clipped so already and can be."""
    now = config.optim.clip_norm
    if not config.applies("optim.clip_norm") or (now is not None and now <= 1):
        return ""
    return "optim.clip_norm = 1" + (f" rather than {now:g}" if now is not None else "")


def smaller_rate(config: RunConfig) -> str:
    """Against a learning rate that is too large."""
    return joined("an optim.lr a third or a tenth as large", clip(config))


def against_explosions(config: RunConfig) -> str:
    """Against exploding gradients."""
    clipped = clip(config)
    return f"{clipped}; if that is not enough, an optim.lr a third as large" if clipped else smaller_rate(config)


def balance(config: RunConfig) -> str:
    """Where one class is far more common."""
    if not config.applies("data.balance") or config.data.balance != "none":
        return ""
    return "where one class is far more common, data.balance = weights"


def less_capacity(config: RunConfig) -> str:
    """Against overfitting: `model.dropout, fewer model.hidden or more rows`."""
    changes = [
        f"more {key}" if config.get(key) else key
        for key in ("model.dropout", "optim.weight_decay")
        if config.applies(key)
    ]
    changes += ["fewer model.hidden"] if config.applies("model.hidden") else []
    return f"{', '.join(changes)} or more rows" if changes else "more rows"


def other_net(config: RunConfig) -> str:
    """Against underfitting: a larger net or another one."""
    return joined("a larger model.hidden" if config.applies("model.hidden") else "", "another model.name")


def longer_memory(config: RunConfig, gated: bool) -> str:
    """Where gradients vanish towards the beginning of a sequence; `gated` layers keep them as long as any."""
    shorter = [key for key in ("data.steps", "data.window") if config.applies(key)]
    every_step = config.applies("model.readout") and config.model.readout == "last"
    return joined(
        "" if gated or config.model.name in ("lstm", "gru") else "model.name = lstm or gru, which keep it longer",
        "shorter sequences " + (f"({', '.join(shorter)}) " if shorter else "") + "to begin with",
        "model.readout = mean lets every step count" if every_step else "",
    )


def stop_in_time(config: RunConfig) -> str:
    """Where training continued beyond its best epoch."""
    return "" if config.train.patience is not None else "train.patience stops in time"


def joined(*parts: str) -> str:
    """The parts that are not empty, joined by semicolons."""
    return "; ".join(part for part in parts if part)
