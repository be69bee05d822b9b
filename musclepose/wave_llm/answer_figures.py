"""Lines of figures as sentences: what was asked, its value with unit, and its moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from musclepose.movement.figures import Figure
from musclepose.movement.query.look_up import Line

WITHIN = "That is within what one camera can tell apart."
_EXTREME = {
    "largest": "at most",
    "smallest": "at the least",
    "peak": "at its peak",
}


def show(figure: Figure) -> str:
    """Value with unit for a reader: degrees as a sign."""
    return figure.text.replace(" deg", "°")


def capital(text: str) -> str:
    """The same with a capital first letter."""
    return text[:1].upper() + text[1:]


def in_words(names: Sequence[str], last: str = "and") -> str:
    """ "depth, lean and lockout"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def reason_sentence(reason: str) -> str:
    """Why something cannot be told, in one sentence without figures of its own."""
    if " seen in only" in reason:
        name = reason.split(" seen in only")[0]
        verb = "were" if name == "feet" else "was"
        return f"I cannot tell: the {name} {verb} not seen well enough in this clip."
    if " not seen at the moment" in reason:
        name = reason.split(" not seen at")[0]
        return f"I cannot tell: the {name} was not seen at that moment."
    if reason.startswith("no value of"):
        return "I cannot tell: it was not seen well enough in this clip."
    if reason.startswith("this clip has"):
        return f"{capital(reason)}; choose among those."
    return f"I cannot tell: {reason}."


def _at(line: Line) -> str:
    return f", at {show(line.moment)}" if line.moment else ""


def _value(line: Line) -> str:
    base, _, statistic = line.words.partition(", ")
    figure, name = line.figures[0], capital(base)
    per_kg = f" ({show(line.per_kg)})" if line.per_kg else ""
    usual = (
        f", and {show(line.figures[1])} on average of the repetitions"
        if len(line.figures) > 1
        else ""
    )
    band = ""
    if (
        figure.band
        and figure.unit != "deg"
        and round(figure.band, figure.digits) > 0
    ):
        band = f", give or take {show(_band_of(figure))}"
    if statistic == "average":
        return f"{name}: {show(figure)} on average."
    if statistic == "range":
        return f"{name}: a range of {show(figure)}{usual}."
    return f"{name}: {show(figure)}{per_kg} {_EXTREME.get(statistic, '')}{_at(line)}{usual}{band}.".replace(
        " .", "."
    ).replace(" ,", ",")


def _band_of(figure: Figure) -> Figure:
    return replace(figure, value=figure.band or 0.0)


def _compare(line: Line) -> list[str]:
    a, b, apart = line.figures
    base, _, statistic = line.words.partition(", ")
    name = f"{capital(base)}{_statistic(statistic)}"
    first, second = (f"{show(f)} in repetition {f.repetition}" for f in (a, b))
    told = f"{name}: {first}, against {second}."
    if line.is_same:
        return [f"{told} {WITHIN}"]
    more = a if a.value > b.value else b
    size = show(replace(apart, value=abs(apart.value)))
    return [f"{told} Repetition {more.repetition} is {size} more."]


def _statistic(statistic: str) -> str:
    return f" ({statistic})" if statistic in ("smallest", "range") else ""


def _most(line: Line) -> str:
    figure = line.figures[0]
    base, _, statistic = line.words.partition(", ")
    size = "smallest" if line.least else "largest"
    near = (
        " Another repetition is as near as one camera can tell."
        if line.is_same
        else ""
    )
    if figure.unit == "s" and figure.key.startswith("tempo"):
        size = "shortest" if line.least else "longest"
    where = f"{size} in repetition {figure.repetition}"
    return f"{capital(base)}{_statistic(statistic)}: {where}: {show(figure)}{_at(line)}.{near}"


def _each(line: Line) -> str:
    base, _, statistic = line.words.partition(", ")
    numbers = in_words([str(f.repetition) for f in line.figures])
    values = in_words([show(f) for f in line.figures])
    return f"{capital(base)}{_statistic(statistic)} in repetitions {numbers}: {values}."


def sentences(line: Line) -> str:
    """One line as one or two sentences."""
    if line.kind == "reason":
        return reason_sentence(line.reason)
    if line.kind == "compare":
        return _compare(line)[0]
    if line.kind == "most":
        return _most(line)
    if line.kind == "each":
        return _each(line)
    if line.kind == "at":
        return f"{capital(line.words)}: {show(line.figures[0])}{_at(line)}."
    if line.kind == "repetition":
        figure = line.figures[0]
        base, _, statistic = line.words.partition(", ")
        return f"{capital(base)}{_statistic(statistic)} in repetition {figure.repetition}: {show(figure)}{_at(line)}."
    return _value(line)
