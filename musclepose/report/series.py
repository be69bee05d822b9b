"""What the plots show, once: groups of panels, each with a left and a right line, its unit, band and seen mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musclepose.movement.columns import MIN_SHARED_LOAD_BW
from musclepose.movement.visibility import seen_joints
from musclepose.physics.constants import G_M_S2
from musclepose.physics.skeleton47 import DOF_INDEX, N_MUSCLE_DOF, N_ROOT
from musclepose.records import Analysis, Array, Mask
from musclepose.report.say import Say


@dataclass(frozen=True)
class Line:
    """One curve over the source times; `side` is "left", "right" or "" and decides its colour."""

    side: str
    values: Array  # (T,)
    seen: Mask  # (T,) where its joint was seen
    band: Array | None = None  # (T,) half width of the 90 % band


@dataclass(frozen=True)
class OtherUnit:
    """A unit in which the same curves can be read: values in it are `factor` times larger."""

    unit: str
    factor: float
    digits: int


@dataclass(frozen=True)
class Panel:
    """One plot: title, what positive means, and unit of the vertical axis."""

    title: str
    hint: str
    unit: str
    lines: tuple[Line, ...]
    digits: int = 2
    floor: tuple[float, float] | None = None  # least vertical range
    other: OtherUnit | None = None

    @property
    def is_known(self) -> bool:
        """Whether any of its lines has a value anywhere."""
        return any(bool(np.isfinite(x.values).any()) for x in self.lines)


def in_language(panel: Panel, say: Say) -> Panel:
    """The panel with its words in a language."""
    return replace(
        panel,
        title=say(panel.title),
        hint=say(panel.hint),
        unit=say(panel.unit),
    )


@dataclass(frozen=True)
class Joint:
    """A joint as the plots name it."""

    title: str
    dof: str  # name without side
    seen: str  # key of `seen_joints` without side
    positive: str
    muscles: tuple[
        str, bool
    ]  # group shown as activation, and whether it is the flexion side
    sided: bool = True


JOINTS = (
    Joint("Hip", "hip_flexion", "hip", "flexion", ("Hip extensors", False)),
    Joint("Knee", "knee_flexion", "knee", "flexion", ("Knee extensors", False)),
    Joint(
        "Ankle",
        "ankle_dorsiflexion",
        "ankle",
        "dorsiflexion",
        ("Ankle plantarflexors", False),
    ),
    Joint(
        "Lower back",
        "lumbar_flexion",
        "trunk",
        "flexion",
        ("Back extensors", False),
        sided=False,
    ),
    Joint(
        "Shoulder",
        "shoulder_flexion",
        "shoulder",
        "flexion",
        ("Shoulder flexors", True),
    ),
    Joint(
        "Elbow", "elbow_flexion", "elbow", "flexion", ("Elbow flexors", True)
    ),
)
_SIDES = (("left", "_l"), ("right", "_r"))


def _lines(
    analysis: Analysis,
    joint: Joint,
    values: Callable[[int], tuple[Array, Array | None]],
) -> tuple[Line, ...]:
    seen = seen_joints(analysis.track)
    sides = _SIDES if joint.sided else (("", ""),)
    out = []
    for side, ending in sides:
        curve, band = values(DOF_INDEX[joint.dof + ending])
        out.append(Line(side, curve, seen[joint.seen + ending], band))
    return tuple(out)


def torque_panels(analysis: Analysis) -> tuple[Panel, ...]:
    """Joint torque per body mass, N m/kg, with its band; it can be read in N m too."""
    mass_kg = analysis.athlete.mass_kg
    newton_metres = OtherUnit("N m", mass_kg, 0)

    def values(dof: int) -> tuple[Array, Array]:
        return analysis.tau_nm[:, dof] / mass_kg, analysis.tau_band_nm[
            :, dof
        ] / mass_kg

    return tuple(
        Panel(
            j.title,
            f"{j.positive} +",
            "N m/kg",
            _lines(analysis, j, values),
            floor=(-0.25, 0.25),
            other=newton_metres,
        )
        for j in JOINTS
    )


def activation_panels(analysis: Analysis) -> tuple[Panel, ...]:
    """Activation of one muscle group per joint, % of its capacity at that angle and speed."""

    def of(flexion: bool) -> Callable[[int], tuple[Array, None]]:
        shift = -N_ROOT if flexion else N_MUSCLE_DOF - N_ROOT
        return lambda dof: (100.0 * analysis.activation[:, dof + shift], None)

    return tuple(
        Panel(
            j.muscles[0],
            "activation",
            "%",
            _lines(analysis, j, of(j.muscles[1])),
            digits=0,
            floor=(0.0, 25.0),
        )
        for j in JOINTS
    )


def angle_panels(analysis: Analysis) -> tuple[Panel, ...]:
    """Joint angles, degrees."""

    def values(dof: int) -> tuple[Array, None]:
        return np.degrees(analysis.q[:, dof]), None

    return tuple(
        Panel(
            j.title,
            f"{j.positive} +",
            "deg",
            _lines(analysis, j, values),
            digits=0,
            floor=(-5.0, 20.0),
        )
        for j in JOINTS
    )


def _level_size(vectors: Array) -> Array:
    """(T, 2) length of the horizontal part of (T, 2, 3)."""
    return np.linalg.norm(vectors[..., (0, 2)], axis=2)


def _left_share_pct(vertical_bw: Array) -> Array:
    """(T,) share of the left foot in %; NaN where the feet carry too little to share."""
    total = vertical_bw.sum(axis=1)
    share = np.full(len(total), np.nan)
    np.divide(
        100.0 * vertical_bw[:, 0],
        total,
        out=share,
        where=total > MIN_SHARED_LOAD_BW,
    )
    return share


def force_panels(analysis: Analysis) -> tuple[Panel, ...]:
    """Ground reaction under each foot in body weights, and its share."""
    weight_n = analysis.athlete.mass_kg * G_M_S2
    force, band = (
        analysis.grf_world_n / weight_n,
        analysis.grf_band_n / weight_n,
    )
    vertical, vertical_band = force[..., 1], band[..., 1]
    seen = [
        seen_joints(analysis.track)[f"ankle{ending}"] for _, ending in _SIDES
    ]
    both = seen[0] & seen[1]

    def pair(values: Array, bands: Array) -> tuple[Line, ...]:
        return tuple(
            Line(s, values[:, i], seen[i], bands[:, i])
            for i, (s, _) in enumerate(_SIDES)
        )

    each = pair(vertical, vertical_band)
    level = pair(_level_size(force), _level_size(band))
    total = Line("", vertical.sum(axis=1), both, vertical_band.sum(axis=1))
    share = Line("", _left_share_pct(vertical), both)
    return (
        Panel("Vertical force", "per foot", "BW", each, floor=(0.0, 0.5)),
        Panel("Both feet", "vertical", "BW", (total,), floor=(0.0, 1.2)),
        Panel(
            "Horizontal force", "size, per foot", "BW", level, floor=(0.0, 0.2)
        ),
        Panel(
            "Load on the left foot",
            "50 % is even",
            "%",
            (share,),
            0,
            (30.0, 70.0),
        ),
    )


_GROUPS: dict[str, Callable[[Analysis], tuple[Panel, ...]]] = {
    "Torque": torque_panels,
    "Activation": activation_panels,
    "Ground": force_panels,
    "Angles": angle_panels,
}
GROUP_NAMES = tuple(
    _GROUPS
)  # the page has one tab for each, the picture one row


def groups(analysis: Analysis) -> dict[str, tuple[Panel, ...]]:
    """All panels by the name of their group."""
    return {name: panels_of(analysis) for name, panels_of in _GROUPS.items()}


def spans(mask: Mask, time_s: Array) -> list[tuple[float, float]]:
    """Times (start, end) of the runs in which a mask (T,) is true; a run reaches half a frame to both sides."""
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], mask, [False]]).astype(int))
    )
    half = 0.5 * float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    first, last = float(time_s[0]), float(time_s[-1])
    return [
        (
            max(first, float(time_s[a]) - half),
            min(last, float(time_s[b - 1]) + half),
        )
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def unseen_spans(panel: Panel, time_s: Array) -> list[tuple[float, float]]:
    """Where at least one joint of the panel was not seen."""
    return spans(~np.all([line.seen for line in panel.lines], axis=0), time_s)


def vertical_range(panel: Panel) -> tuple[float, float]:
    """Range of the vertical axis: all finite values with their bands, the floor, and a little air."""
    values = [
        v for line in panel.lines for v in (line.values, *_band_edges(line))
    ]
    finite = np.concatenate(
        [v[np.isfinite(v)] for v in values] + [np.array(panel.floor or ())]
    )
    if len(finite) == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    air = 0.06 * max(high - low, 1e-6)
    cannot_be_negative = panel.floor is not None and panel.floor[0] == 0.0
    return 0.0 if cannot_be_negative else low - air, high + air


def _band_edges(line: Line) -> tuple[Array, ...]:
    return (
        ()
        if line.band is None
        else (line.values - line.band, line.values + line.band)
    )
