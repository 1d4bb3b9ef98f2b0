"""Numbers as people read them at a glance: 14.2k, 1:52, .91, 3e-3. The one place where figures become text.

None of these raises for any float: what is not finite reads `nan`, `∞` or `-∞`.
"""

from __future__ import annotations

import math

FAR = 1000.0
"""Numbers are far from zero where their size is more than so many times their range or standard deviation: in single precision,
seven digits, or written with four, little or nothing would be left of what moves."""


def _strange(value: float) -> str | None:
    if math.isfinite(value):
        return None
    return "nan" if math.isnan(value) else "∞" if value > 0 else "-∞"


def count(value: float) -> str:
    """How many, in three digits: 947, 14.2k, 1.25M."""
    if strange := _strange(value):
        return strange
    for size, suffix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        # 999.5 of a unit would round to 1000 of it.
        if abs(value) >= size * 0.9995:
            scaled = value / size
            if abs(scaled) >= 1e4:
                return f"{value:.1e}".replace("e+", "e")
            return f"{scaled:.0f}{suffix}" if abs(scaled) >= 99.95 else f"{scaled:.3g}{suffix}"
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


def whole(value: float) -> str:
    """A whole number in full: 2,310."""
    return _strange(value) or (f"{round(value):,}" if abs(value) < 1e15 else f"{value:.1e}".replace("e+", "e"))


def duration(seconds: float | None) -> str:
    """Minutes and seconds 1:52, with hours 1:02:03, with days 2d 03:04; `–` for none."""
    if seconds is None:
        return "–"
    if strange := _strange(seconds):
        return strange
    sign = "-" if seconds < -0.5 else ""
    if abs(seconds) > 1e10:
        return sign + "ages"
    left = round(abs(seconds))
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    if days:
        return f"{sign}{days}d {hours:02}:{minutes:02}"
    return f"{sign}{hours}:{minutes:02}:{left:02}" if hours else f"{sign}{minutes}:{left:02}"


def shown_seconds(seconds: float, *, up: bool = False) -> float:
    """The seconds that `time_text` shows: no more exact than an estimate is; `up`: rounded to no less."""
    if seconds < 1:
        return seconds
    # To whole seconds upwards: ten epochs of under a second are not 20 s.
    unit = (
        1
        if seconds < (100 if up else 10)
        else 10
        if seconds < 100
        else 60
        if seconds < 6000
        else 360
        if seconds < 360_000
        else 86400
    )
    return float(unit * (math.ceil(seconds / unit) if up else round(seconds / unit)))


def time_text(seconds: float, *, up: bool = False) -> str:
    """An estimate of time: `under a second`, `about 40 s`, `about 7 min`, `about 3.5 h`; `up`: rounded to no less."""
    shown = shown_seconds(seconds, up=up)
    if seconds < 1:
        return "under a second"
    if seconds < 100:
        return f"about {shown:.0f} s"
    if seconds < 6000:
        return f"about {shown / 60:.0f} min"
    return f"about {shown / 3600:.1f} h" if seconds < 360_000 else f"about {shown / 86400:,.0f} days"


def probability(value: float, digits: int = 2) -> str:
    """A share without its leading zero: .91; from 1 on as wide, 1.0."""
    if strange := _strange(value):
        return strange
    if not -10 < value < 10:
        return figure(value)
    text = f"{value:.{digits}f}"
    if abs(float(text)) >= 1:
        return f"{value:.{max(0, digits - 1)}f}"
    return text.replace("0.", ".", 1).replace("-.00", ".00") if digits == 2 else text.replace("0.", ".", 1)


def figure(value: float, digits: int = 3) -> str:
    """Any measured number in so many significant digits: .412, 1.85, 63.9, 2.6e-5."""
    if strange := _strange(value):
        return strange
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 0.9995e5:
        return _scientific(value, digits - 1)
    exponent = math.floor(math.log10(abs(value)))
    text = f"{value:.{max(0, digits - 1 - exponent)}f}"
    return text.replace("0.", ".", 1) if abs(float(text)) < 1 else text


def rate(value: float) -> str:
    """A learning rate or another small setting: 3e-3, 1.5e-4, 0.1."""
    if strange := _strange(value):
        return strange
    return f"{value:g}" if value == 0 or 0.1 <= abs(value) < 1e4 else _scientific(value, 3, trim=True)


def percent(share: float, digits: int = 0) -> str:
    """A share of one as 46 %."""
    return _strange(share) or (f"{100 * share:.{digits}f} %" if abs(share) < 1e6 else figure(100 * share) + " %")


def factor(before: float | None, after: float | None) -> str:
    """A change as ×2 or ÷2, where it is a plain one; else the new value."""
    if after is None:
        return ""
    if not before or not math.isfinite(before) or not math.isfinite(after) or after / before <= 0:
        return rate(after)
    ratio = after / before
    times, sign = (ratio, "×") if ratio >= 1 else (1 / ratio, "÷")
    return f"{sign}{times:.0f}" if times < 1000 and abs(times - round(times)) < 1e-6 else rate(after)


def _scientific(value: float, digits: int, trim: bool = False) -> str:
    mantissa, _, exponent = f"{value:.{max(0, digits - 1)}e}".partition("e")
    if (trim or digits > 1) and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def bytes_text(count: int) -> str:
    """`1.3 MB`, in powers of ten."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def digits_for(size: float, spread: float, least: int = 4) -> int:
    """Significant digits in which numbers of such a size show how they move, by `spread`: `least`, or more far from zero."""
    far = math.isfinite(size) and spread > 1e-12 * abs(size) and abs(size) > FAR * spread
    return min(15, least + math.ceil(math.log10(abs(size) / spread))) if far else least
