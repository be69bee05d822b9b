"""How far and how fast a lift rises, and how high a jump goes: figures per repetition and over the set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musclepose.movement.figures import Figure
from musclepose.movement.measure import Measure
from musclepose.movement.records import Exercise
from musclepose.movement.summary import Repetition
from musclepose.physics.constants import G_M_S2

MIN_REPETITIONS_FOR_LOSS = 3  # fewer show no loss (chosen)
# The decision on contact holds a foot to the ground a frame longer at take-off and at landing; with this the flight of
# simulated films is right on average (docs/velocity.md).
HELD_S = 0.018
MIN_FLIGHT_S, MAX_FLIGHT_S = (
    0.1,
    1.2,
)  # shorter is a missed contact, longer no jump of a person


def velocity_figures(
    measure: Measure, exercise: Exercise, reps: Sequence[Repetition]
) -> None:
    """Range, mean and peak speed of the way up per repetition, their averages, and the loss from best to last."""
    timed = [
        r for r in reps if not (r.begun and r.phases[0].name == "concentric")
    ]
    if not exercise.rises or not timed:
        return
    made = [_of_repetition(measure, exercise.rises, r) for r in timed]
    means = [m for m, _, _ in made if m]
    for key, figures, words in zip(
        ("mean", "peak", "range"),
        zip(*made, strict=True),
        ("mean speed upwards", "peak speed upwards", "way up"),
        strict=True,
    ):
        seen = [f for f in figures if f]
        if seen:
            measure.average(f"velocity.{key}", seen, label=f"{words}, average")
    if len(means) == len(timed) >= MIN_REPETITIONS_FOR_LOSS:
        best, last = max(means, key=lambda f: f.value), means[-1]
        loss = (
            f"percent(ratio(diff({best.source}, {last.source}), {best.source}))"
        )
        measure.formula(
            "velocity.loss",
            loss,
            "%",
            "speed lost from the fastest to the last",
        )


def _of_repetition(
    measure: Measure, stem: str, r: Repetition
) -> tuple[Figure | None, Figure | None, Figure | None]:
    """Mean and peak speed (m/s) and range (m) of the sides that were seen on the way up."""
    up = next(p for p in r.phases if p.name == "concentric")
    span = f"{up.start_s:.3f}, {up.end_s:.3f}"
    endings = ("_l", "_r") if stem == "hand" else ("",)
    seen = [
        e
        for e in endings
        if measure.was_seen(f"{stem}{e}_m", up.start_s, up.end_s)
    ]
    if not seen or up.end_s <= up.start_s:
        measure.leave_out(f"velocity.mean.r{r.index}", "not seen on the way up")
        return None, None, None

    def figure(
        name: str, statistic: str, column: str, unit: str, words: str
    ) -> Figure | None:
        parts = ", ".join(
            f"{statistic}({column.format(e)}, {span})" for e in seen
        )
        label = f"{words}, repetition {r.index}"
        key = f"velocity.{name}.r{r.index}"
        return measure.formula(
            key, f"average({parts})", unit, label, repetition=r.index
        )

    return (
        figure(
            "mean", "mean", f"{stem}_rise{{}}_m_s", "m/s", "mean speed upwards"
        ),
        figure(
            "peak", "max", f"{stem}_rise{{}}_m_s", "m/s", "peak speed upwards"
        ),
        figure("range", "range", f"{stem}{{}}_m", "m", "way up"),
    )


def jump_figures(measure: Measure, reps: Sequence[Repetition]) -> None:
    """Height of each jump from its time in the air, h = g t^2 / 8, and their average."""
    made = [f for f in (_jump_height(measure, r) for r in reps) if f]
    if made:
        measure.average("jump_height", made, label="jump height, average")


def _jump_height(measure: Measure, r: Repetition) -> Figure | None:
    flight = _longest_flight_s(measure, r)
    if flight is None:
        measure.leave_out(f"jump_height.r{r.index}", "no flight was seen")
        return None
    t = f"duration({flight[0] - HELD_S:.3f}, {flight[1] + HELD_S:.3f})"
    source = f"product({G_M_S2 / 8.0:g}, product({t}, {t}))"
    label = f"jump height, repetition {r.index}"
    return measure.formula(
        f"jump_height.r{r.index}", source, "m", label, repetition=r.index
    )


def _longest_flight_s(
    measure: Measure, r: Repetition
) -> tuple[float, float] | None:
    """From the last frame on the ground to the first one back on it, within a repetition."""
    time_s = measure.time_s
    contact = np.maximum(*(measure.values[f"contact_{side}"] for side in "lr"))
    inside = np.flatnonzero((time_s >= r.start_s) & (time_s <= r.end_s))
    air = contact[inside] < 0.5
    edges = np.flatnonzero(np.diff(air.astype(int)))
    flights = [
        (float(time_s[inside[a]]), float(time_s[inside[b + 1]]))
        for a, b in zip(edges[:-1], edges[1:], strict=True)
        if air[a + 1]
    ]
    whole = [f for f in flights if MIN_FLIGHT_S <= f[1] - f[0] <= MAX_FLIGHT_S]
    return max(whole, key=lambda f: f[1] - f[0], default=None)
