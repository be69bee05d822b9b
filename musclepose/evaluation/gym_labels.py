"""What a person saw in a real clip, as `index.json` of the clips' folder tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musclepose.errors import InputError
from musclepose.movement.exercises import EXERCISES, OTHER

SPLITS = ("train", "validation")

# Words of `visible_faults` and the names of faults that say the same. Names without a record in movement/faults are
# what such a record would be called: until it exists, the fault counts as missed. What 17 points cannot show (a rounded
# or slouched back) is kept as a missed fault too: it was plain to see.
FAULT_WORDS: dict[str, tuple[str, ...]] = {
    "elbows drift": ("elbow_drift",),
    "incomplete elbow extension": ("partial_range", "soft_lockout"),
    "heels lift": ("heel_lift",),
    "hips shoot up": ("hips_first",),
    "hips rise first": ("hips_first",),
    "hips high at the start": ("hips_high_start", "hips_first"),
    "back rounded": ("rounded_back",),
    "slouched upper back": ("rounded_back",),
    "leg swung round": ("leg_swing", "limp"),
    "limp": ("limp",),
    "no arm swing": ("arm_swing",),
    "elbows flared": ("elbow_flare",),
    "knees bend about": ("squatted_hinge",),
}
SCENES = ("cut", "moving camera", "slow motion", "support")
NO_SUPPORT = ("none", "", None)


@dataclass(frozen=True)
class TimedRepetition:
    """A labelled repetition in s."""

    start_s: float
    turn_s: float | None
    end_s: float


@dataclass(frozen=True)
class Label:
    """Labels of one clip. `scene`: what is the case (True), is not (False), or nobody looked (absent)."""

    name: str
    split: str
    source: str
    listed: str  # name in the list of exercises, or "other"
    accepted: frozenset[str]
    count: int | None
    count_also: frozenset[int]
    repetitions: tuple[TimedRepetition, ...]
    faults: tuple[
        tuple[str, ...], ...
    ]  # per visible fault the names that say it
    scene: dict[str, bool]

    @property
    def is_listed(self) -> bool:
        """Whether the clip shows an exercise of the list."""
        return self.listed != OTHER


def fault_names(words: str | None) -> tuple[tuple[str, ...], ...]:
    """Names per visible fault; an unknown wording is an InputError, so that no label is lost in silence."""
    if words is None or words == "clean":
        return ()
    found = tuple(names for part, names in FAULT_WORDS.items() if part in words)
    if not found:
        raise InputError(
            f'visible_faults says "{words}", for which evaluation/gym_labels.py has no row.'
        )
    return found


def _scene(entry: dict[str, Any]) -> dict[str, bool]:
    scene: dict[str, bool] = {}
    if entry.get("cuts_s") is not None:
        scene["cut"] = bool(entry["cuts_s"])
    if entry.get("camera") is not None:
        scene["moving camera"] = entry["camera"] == "moving"
    if entry.get("speed") is not None:
        scene["slow motion"] = "slow" in entry["speed"]
    if entry.get("support") is not None:
        scene["support"] = entry["support"] not in NO_SUPPORT
    return scene


def _listed(entry: dict[str, Any]) -> str:
    """The finer name where the list of exercises has it, else the class of the index."""
    wide = entry.get("wide")
    return wide if wide in EXERCISES else str(entry["class"])


def _label(name: str, entry: dict[str, Any]) -> Label:
    listed = _listed(entry)
    also = set(entry.get("also_accepted") or ())
    accepted = {listed, *also}
    reps = entry.get("repetitions") or []
    return Label(
        name,
        str(entry["split"]),
        str(entry["source"]),
        listed,
        frozenset(accepted),
        entry.get("count"),
        frozenset(_counts(entry.get("count_also"))),
        tuple(
            TimedRepetition(r["start_s"], r.get("turn_s"), r["end_s"])
            for r in reps
        ),
        fault_names(entry.get("visible_faults")),
        _scene(entry),
    )


def _counts(also: Any) -> list[int]:
    if also is None:
        return []
    return (
        [int(also)] if isinstance(also, int | float) else [int(c) for c in also]
    )


def read_labels(folder: Path) -> dict[str, Label]:
    """Labels by clip name. Raises InputError where the folder has no index."""
    path = folder / "index.json"
    if not path.is_file():
        raise InputError(
            f"{folder} has no index.json; a folder of labelled tracks is needed."
        )
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: _label(name, entry) for name, entry in entries.items()}
