"""One clip of exercise: an athlete, a movement, a tempo, faults; with repetitions, phases and labels that are exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.fitting.real_motion import MotionClip
from musclepose.records import LoadSite, Sex
from musclepose.synthesis.exercise.body import Body, random_body
from musclepose.synthesis.exercise.draft import Context
from musclepose.synthesis.exercise.jumps import jump, jump_times, jumping_jack
from musclepose.synthesis.exercise.lower import (
    deadlift,
    lunge,
    romanian_deadlift,
    squat,
    step_up,
)
from musclepose.synthesis.exercise.solve import Targets, solve
from musclepose.synthesis.exercise.timeline import (
    FPS,
    Repetition,
    Tempo,
    Timeline,
    build_timeline,
)
from musclepose.synthesis.exercise.upper import (
    curl,
    overhead_press,
    plank,
    push_up,
    row,
)

Range = tuple[float, float]
_LEGS = ("knee_valgus", "forward_lean", "lateral_shift", "loss_of_balance")
_BAR = ("uneven_load", "rushed_eccentric")


@dataclass(frozen=True)
class Exercise:
    """How an exercise is drawn: variants with load site and load range (shares of body mass), tempo (s), faults."""

    make: Callable[[Context], Targets]
    variants: dict[str, tuple[LoadSite, Range]]
    out_s: Range
    hold_s: Range
    back_s: Range
    rest_s: Range
    faults: tuple[str, ...]
    eccentric: str = (
        "out"  # which way is the lowering: rushed_eccentric shortens it
    )


EXERCISES: dict[str, Exercise] = {
    "squat": Exercise(squat, {"high_bar": ("shoulders", (0.2, 1.4)), "low_bar": ("shoulders", (0.2, 1.6)),
                              "front": ("shoulders", (0.2, 1.1)), "goblet": ("hands", (0.1, 0.45)),
                              "bodyweight": ("hands", (0.0, 0.0))},
                      (0.9, 2.4), (0.03, 0.6), (0.7, 1.8), (0.2, 1.0),
                      ("shallow_depth", "butt_wink", "heel_lift", "early_hip_rise", *_LEGS, *_BAR)),
    "lunge": Exercise(lunge, {"split": ("hands", (0.0, 0.5)), "forward": ("hands", (0.0, 0.4))},
                      (1.0, 1.9), (0.03, 0.4), (0.9, 1.6), (0.2, 0.8), ("shallow_depth", *_LEGS, "rushed_eccentric")),
    "deadlift": Exercise(deadlift, {"barbell": ("hands", (0.4, 2.0))}, (0.9, 2.0), (0.2, 0.8), (0.9, 2.0), (0.2, 1.0),
                         ("early_hip_rise", "forward_lean", "butt_wink", "lateral_shift", "short_range", *_BAR),
                         "back"),
    "romanian_deadlift": Exercise(romanian_deadlift, {"barbell": ("hands", (0.2, 1.2))}, (1.2, 2.6), (0.03, 0.5),
                                  (0.9, 1.8), (0.2, 0.9), ("butt_wink", "short_range", "lateral_shift", *_BAR)),
    "overhead_press": Exercise(overhead_press, {"barbell": ("hands", (0.15, 0.7)), "dumbbell": ("hands", (0.1, 0.5))},
                               (0.8, 1.6), (0.1, 0.7), (0.9, 2.0), (0.2, 0.9),
                               ("short_range", "forward_lean", "elbow_flare", "loss_of_balance", *_BAR),
                               "back"),
    "push_up": Exercise(push_up, {"floor": ("hands", (0.0, 0.0))}, (0.8, 1.9), (0.03, 0.5), (0.6, 1.4), (0.1, 0.7),
                        ("shallow_depth", "elbow_flare", "hips_sag", "lateral_shift", "rushed_eccentric")),
    "curl": Exercise(curl, {"barbell": ("hands", (0.1, 0.5)), "alternating": ("hands", (0.05, 0.4))},
                     (0.7, 1.5), (0.05, 0.5), (0.9, 2.2), (0.1, 0.8), ("short_range", "forward_lean", *_BAR), "back"),
    "row": Exercise(row, {"barbell": ("hands", (0.2, 0.9))}, (0.6, 1.2), (0.1, 0.6), (0.8, 1.8), (0.1, 0.8),
                    ("short_range", "forward_lean", "elbow_flare", *_BAR), "back"),
    "jump": Exercise(jump, {"countermovement": ("hands", (0.0, 0.0))}, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.4, 1.4),
                     ("shallow_depth", *_LEGS)),
    "jumping_jack": Exercise(jumping_jack, {"plain": ("hands", (0.0, 0.0))}, (0.42, 0.62), (0.0, 0.0), (0.42, 0.62),
                             (0.03, 0.12), ("short_range", "uneven_load", "knee_valgus")),
    "step_up": Exercise(step_up, {"box": ("hands", (0.0, 0.35))}, (1.3, 2.2), (0.1, 0.6), (1.3, 2.2), (0.2, 0.8),
                        (*_LEGS, "rushed_eccentric"), "back"),
    "plank": Exercise(plank, {"forearm": ("hands", (0.0, 0.0))}, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0),
                      ("hips_sag", "hips_high")),
}  # fmt: skip


@dataclass(frozen=True)
class ExerciseClip:
    """A generated clip: the motion and everything that is known about it because it was made."""

    motion: MotionClip
    exercise: str
    variant: str
    sex: Sex
    load_kg: float
    load_at: LoadSite
    repetitions: tuple[Repetition, ...]
    phase: NDArray[np.int64]  # (T,) index into PHASES
    faults: dict[str, float]  # name -> severity in (0, 1]
    tempo: Tempo
    params: dict[str, float] = field(default_factory=dict)


def draw_faults(
    rng: np.random.Generator, allowed: tuple[str, ...], none_share: float = 0.4
) -> dict[str, float]:
    """No fault in `none_share` of the clips, else one or two with a severity of 0.25 to 1."""
    if rng.random() < none_share:
        return {}
    names = rng.choice(
        len(allowed),
        size=min(len(allowed), 1 + int(rng.random() < 0.3)),
        replace=False,
    )
    return {allowed[i]: float(rng.uniform(0.25, 1.0)) for i in names}


def _tempo(rng: np.random.Generator, spec: Exercise, rushed: float) -> Tempo:
    out, hold, back, rest = (
        float(rng.uniform(*r))
        for r in (spec.out_s, spec.hold_s, spec.back_s, spec.rest_s)
    )
    if rushed > 0 and spec.eccentric == "out":
        out = out + (max(0.3, 0.22 * out) - out) * rushed
    elif rushed > 0:
        back = back + (max(0.3, 0.22 * back) - back) * rushed
    return Tempo(out, hold, back, rest)


def _timeline(
    rng: np.random.Generator, exercise: str, tempo: Tempo, seconds: float
) -> Timeline:
    lead, tail = float(rng.uniform(0.2, 1.2)), float(rng.uniform(0.2, 0.9))
    if exercise == "plank":
        return build_timeline(rng, 0, tempo, 0.5 * seconds, 0.5 * seconds)
    each = tempo.out_s + tempo.hold_s + tempo.back_s + tempo.rest_s
    count = int(np.clip(round((seconds - lead - tail) / each), 1, 12))
    return build_timeline(rng, count, tempo, lead, tail)


def _jump_tempo(
    rng: np.random.Generator, params: dict[str, float], rest_s: float
) -> Tempo:
    params["speed_m_s"] = float(rng.uniform(1.5, 2.9))
    push, up = jump_times(params["speed_m_s"], 0.45)
    return Tempo(
        float(rng.uniform(0.4, 0.7)) + push + up,
        0.0,
        up + float(rng.uniform(0.7, 1.1)),
        rest_s,
    )


def generate_clip(
    seed: int,
    exercise: str | None = None,
    *,
    variant: str | None = None,
    faults: dict[str, float] | None = None,
    seconds: float = 8.0,
    body: Body | None = None,
) -> ExerciseClip:
    """A clip of about `seconds` that `seed` decides; what is given (exercise, variant, faults, body) is kept."""
    rng = np.random.default_rng(seed)
    name = exercise or list(EXERCISES)[rng.integers(len(EXERCISES))]
    if name not in EXERCISES:
        raise InputError(
            f"exercise is {name!r}; it must be one of {', '.join(EXERCISES)}."
        )
    spec = EXERCISES[name]
    variant = variant or list(spec.variants)[rng.integers(len(spec.variants))]
    if variant not in spec.variants:
        raise InputError(
            f"variant of {name} is {variant!r}; it must be one of {', '.join(spec.variants)}."
        )
    drawn = draw_faults(rng, spec.faults)
    faults = drawn if faults is None else faults
    athlete = random_body(rng) if body is None else body
    load_at, load_range = spec.variants[variant]
    athlete = athlete.loaded(
        float(rng.uniform(*load_range)) * athlete.mass_kg, load_at
    )
    params: dict[str, float] = {}
    tempo = _tempo(rng, spec, faults.get("rushed_eccentric", 0.0))
    if name == "jump":
        tempo = _jump_tempo(rng, params, tempo.rest_s)
    timeline = _timeline(rng, name, tempo, seconds)
    context = Context(rng, athlete, timeline, dict(faults), variant, params)
    targets = spec.make(context)
    q = solve(targets, athlete)
    motion = _motion(f"{name}-{variant}-{seed}", name, q, targets, athlete)
    return ExerciseClip(
        motion,
        name,
        variant,
        athlete.sex,
        athlete.load_kg,
        load_at,
        timeline.repetitions,
        timeline.phase,
        dict(faults),
        tempo,
        context.params,
    )


def _motion(
    name: str, exercise: str, q: torch.Tensor, targets: Targets, body: Body
) -> MotionClip:
    return MotionClip(
        name,
        f"generated_{name}",
        exercise,
        q.float().numpy(),
        body.lengths_m.float().numpy(),
        body.stature_m,
        body.mass_kg,
        targets.contact.float().numpy(),
        exercise != "step_up",
        "train",
        "generated",
        0.0,
        fps=FPS,
    )
