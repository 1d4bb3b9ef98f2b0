"""The keys that the footer of the Run screen offers."""

from __future__ import annotations

from rnnlab.ui.common.key_bar import Footer
from rnnlab.ui.matrix.matrices import matrices
from rnnlab.ui.run.following.follow import RunFollower

_STEERING: Footer = (
    ("pause", "pause"),
    ("stop", "stop"),
    ("rate(0.5)", "rate ÷2"),
    ("rate(2)", "rate ×2"),
    ("type('rate')", "rate…"),
    ("send('rollback')", "to best"),
)
_ZOOM, _BACK = ("zoom(1)", "zoom"), ("back", "back")


def footer_of(follower: RunFollower) -> Footer:
    """The keys that do something with the run as it stands, the likeliest first."""
    state = follower.state
    if follower.problem:
        return (_BACK,)
    if follower.foreign and not follower.begun:
        return (("yes", "resume it here" if follower.gone else "train it here"), _ZOOM, _BACK)
    if state.status in ("queued", "loading"):
        return (("stop", "stop"), _ZOOM, _BACK)
    if not state.ended:
        steering = _STEERING if state.best is not None else _STEERING[:-1]
        if state.status == "paused":
            steering = (("pause", "resume"), *steering[1:])
        return (*steering, _ZOOM, _BACK)
    reading = (
        # Of what diverged nothing can be resumed.
        ("resume", "resume") if state.status != "diverged" and state.started is not None else None,
        ("samples", "samples") if state.samples else None,
        ("matrix", "matrix") if matrices(state) else ("matrix", "naive ones") if state.forecast is not None else None,
        ("log", "log") if state.curves else None,
        ("axis", "axis") if state.curves else None,
        ("figure", "figure") if state.curves else None,
    )
    return (*(key for key in reading if key is not None), _ZOOM, _BACK)
