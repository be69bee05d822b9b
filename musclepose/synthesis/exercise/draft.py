"""The posture that movements start from, as arrays to be edited, and the faults that many movements share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musclepose.synthesis.exercise.body import Body
from musclepose.synthesis.exercise.solve import ARM, SPINE, Targets
from musclepose.synthesis.exercise.timeline import (
    Curve,
    Timeline,
    shifted,
    sway,
)
from musclepose.utils.rot import rot_y, rot_z

SIDE_SIGN = np.array([-1.0, 1.0])  # z of the left and right side
TOE_SHARE = (
    0.75  # toe tip ahead of the ankle, shares of the foot length (skeleton47)
)
Array = NDArray[np.float64]


@dataclass
class Context:
    """What a movement is made from. `faults` maps a fault name to its severity in (0, 1]."""

    rng: np.random.Generator
    body: Body
    timeline: Timeline
    faults: dict[str, float]
    variant: str
    params: dict[str, float] = field(default_factory=dict)

    def fault(self, name: str) -> float:
        """Severity of a fault, 0 where absent."""
        return self.faults.get(name, 0.0)

    def draw(self, name: str, low: float, high: float) -> float:
        """A uniform parameter, kept under its name."""
        return self.params.setdefault(name, float(self.rng.uniform(low, high)))

    def draw_deg(self, name: str, low: float, high: float) -> float:
        """A uniform angle given in degrees, in rad; kept in degrees under its name."""
        return float(np.radians(self.draw(name, low, high)))

    @property
    def side(self) -> float:
        """-1 or +1: the side that one-sided faults and movements take first."""
        return (
            1.0
            if self.params.setdefault("first_side", float(self.rng.integers(2)))
            else -1.0
        )


class Draft:
    """Editable arrays of a movement, standing upright with feet apart; see `Targets` for meaning and units."""

    def __init__(
        self, context: Context, half_stance_m: float, toe_out_rad: float
    ) -> None:
        self.context, self.frames = context, len(context.timeline)
        T, body = self.frames, context.body
        self.root_xz = np.zeros((T, 2))
        self.tilt, self.list, self.rotation = (
            np.zeros(T),
            np.zeros(T),
            np.zeros(T),
        )
        self.spine = np.zeros((T, len(SPINE)))
        self.foot = np.zeros(
            (T, 2, 3)
        )  # where the ankle of a flat foot would be
        self.foot[..., 1] = body.length("ankle_height")
        self.foot[..., 2] = SIDE_SIGN * half_stance_m
        self.yaw = np.tile(-SIDE_SIGN * toe_out_rad, (T, 1))
        self.pitch = np.zeros((T, 2))  # heel up about the toe tip
        self.pole_yaw = self.yaw * 0.9
        self.pole: Array | None = None
        self.arm = np.tile(
            np.radians([0, 0, 3, -8, 5, 14, 80, 0, 0.0]), (T, 2, 1)
        )
        self.contact = np.ones((T, 2))
        self.knee: Curve | None = None
        self.height: Curve | None = None
        self.wrist: Array | None = None
        self.wrist_in_thorax = True
        self.elbow_pole: Array | None = None
        self.com: Array | None = None

    def lean(
        self, angle: Curve, pelvis_share: float, look: float = 0.5
    ) -> None:
        """Trunk forward by `angle` (rad), `pelvis_share` of it from the hips, the rest in the spine; head up."""
        self.tilt = self.tilt - pelvis_share * angle
        self.spine[:, 0] += 0.6 * (1 - pelvis_share) * angle
        self.spine[:, 3] += 0.4 * (1 - pelvis_share) * angle
        self.spine[:, 6] -= look * angle

    def wink(self, angle: Curve) -> None:
        """Pelvis tucked under by `angle` (rad) while the chest stays: the lower back rounds."""
        self.tilt = self.tilt + angle
        self.spine[:, 0] += angle

    def valgus(self, angle: Curve) -> None:
        """Knees turned inwards of the feet by `angle` (rad)."""
        self.pole_yaw = self.pole_yaw + SIDE_SIGN * angle[:, None]

    def set_arm(
        self, name: str, value: Curve | float, side: int | None = None
    ) -> None:
        """Set one arm angle (rad), on both sides or one (0 left, 1 right)."""
        k = ARM.index(name)
        columns = [0, 1] if side is None else [side]
        for s in columns:
            self.arm[:, s, k] = value

    def hands(
        self,
        x: Curve | float,
        y: Curve | float,
        z: Curve | float,
        pole: tuple[float, float, float],
    ) -> None:
        """Wrists at (x, y, +-z) with elbows pointing to `pole` (z outward), in the thorax or world frame."""
        self.wrist = np.zeros((self.frames, 2, 3))
        for s, sign in enumerate(SIDE_SIGN):
            for k, value in enumerate((x, y)):
                self.wrist[:, s, k] = value
            self.wrist[:, s, 2] = sign * np.asarray(z)
        ahead, up, outward = pole
        of_sides = np.array([[ahead, up, sign * outward] for sign in SIDE_SIGN])
        self.elbow_pole = np.tile(of_sides, (self.frames, 1, 1))

    def balance(
        self, ahead: Curve | float, across: Curve | float = 0.0
    ) -> None:
        """Centre of mass over the feet: `ahead` (foot lengths in front of the ankles) and `across` (m to the right)."""
        middle = self.foot.mean(1)
        length = self.context.body.length("foot")
        x = middle[:, 0] + length * ahead
        z = middle[:, 2] + across
        self.com = np.stack((x, z), -1)
        self.root_xz = self.com.copy()

    def alive(self, size: float = 1.0) -> None:
        """Small smooth wandering of trunk, head and arms."""
        rng, T = self.context.rng, self.frames
        self.tilt = self.tilt + sway(rng, T, 0.012 * size)
        self.list = self.list + sway(rng, T, 0.010 * size)
        self.rotation = self.rotation + sway(rng, T, 0.018 * size)
        for k in range(self.spine.shape[1]):
            most = 0.04 if k >= 6 else 0.014
            wandering = sway(rng, T, most * size)
            self.spine[:, k] += wandering + rng.normal(0, 0.02 * size)
        for s in (0, 1):
            for k in range(len(ARM)):
                wandering = sway(rng, T, 0.03 * size)
                self.arm[:, s, k] += wandering + rng.normal(0, 0.04 * size)

    def _feet(self) -> tuple[Tensor, Tensor]:
        """Ankles (t, 2, 3) and rotations of the feet, which turn about the tips of the toes."""
        R_yaw = rot_y(torch.from_numpy(self.yaw))
        R = R_yaw @ rot_z(torch.from_numpy(-self.pitch))
        body = self.context.body
        ahead = TOE_SHARE * body.length("foot")
        down = -body.length("ankle_height")
        toe = torch.tensor([ahead, down, 0.0], dtype=torch.float64)
        ankle_m = torch.from_numpy(self.foot) + R_yaw @ toe - R @ toe
        return ankle_m, R

    def targets(self) -> Targets:
        """The finished targets for `solve`."""
        ankle, R_foot = self._feet()
        pole = self.pole
        if pole is None:
            yaw = self.pole_yaw
            pole = np.stack((np.cos(yaw), np.zeros_like(yaw), -np.sin(yaw)), -1)

        def maybe(x: Array | None) -> Tensor | None:
            return (
                None if x is None else torch.from_numpy(np.ascontiguousarray(x))
            )

        return Targets(
            torch.from_numpy(self.root_xz),
            torch.from_numpy(
                np.stack((self.tilt, self.list, self.rotation), -1)
            ),
            torch.from_numpy(self.spine),
            ankle,
            R_foot,
            torch.from_numpy(pole),
            torch.from_numpy(self.arm),
            torch.from_numpy(self.contact),
            maybe(self.knee),
            maybe(self.height),
            maybe(self.wrist),
            self.wrist_in_thorax,
            maybe(self.elbow_pole),
            maybe(self.com),
        )


def depth_and_lean(context: Context) -> tuple[Curve, Curve]:
    """Progress of the legs and of the trunk; with early hip rise the legs straighten before the trunk comes up."""
    severity = context.fault("early_hip_rise")
    timeline = context.timeline
    return shifted(timeline, 0.7 * severity), shifted(timeline, -0.7 * severity)


def swaying_ahead(draft: Draft, low: float, high: float, size: float) -> Curve:
    """How far the centre of mass is ahead of the ankles, foot lengths: drawn, and swaying by `size`."""
    context = draft.context
    ahead = context.draw("com_ahead", low, high)
    return ahead + sway(context.rng, draft.frames, size)


def burst(context: Context) -> Curve:
    """A stumble: one smooth excursion of unit size around the turning point of one repetition."""
    repetitions = context.timeline.repetitions
    repetition = repetitions[int(context.rng.integers(len(repetitions)))]
    width = max(8.0, 0.25 * (repetition.end - repetition.start))
    back = repetition.end - repetition.turn
    centre = repetition.turn + context.rng.uniform(-0.3, 0.3) * back
    away = (np.arange(len(context.timeline)) - centre) / width
    return np.exp(-0.5 * away**2) * np.cos(away * 1.5)


def common_faults(draft: Draft, s: Curve) -> None:
    """Faults that any standing movement can show, scaled by the progress `s`."""
    context = draft.context
    side = context.side
    valgus = np.radians(17.0) * context.fault("knee_valgus")
    draft.valgus(valgus * s)
    wink = np.radians(22.0) * context.fault("butt_wink")
    draft.wink(wink * np.clip((s - 0.6) / 0.4, 0.0, 1.2))
    if uneven := context.fault("uneven_load"):
        tip = np.radians(7.0) * uneven * side * (0.35 + 0.65 * s)
        draft.spine[:, 1] += 0.5 * tip
        draft.spine[:, 4] += 0.5 * tip
        draft.list = draft.list + 0.3 * tip
    if lifted := context.fault("heel_lift"):
        deep = np.clip((s - 0.35) / 0.65, 0.0, 1.1)
        rise = np.radians(16.0) * lifted * deep
        draft.pitch = draft.pitch + rise[:, None]
    if draft.com is not None:
        draft.com[:, 1] += 0.07 * side * context.fault("lateral_shift") * s
        draft.com[:, 0] += 0.03 * context.fault("heel_lift") * s
        if fall := context.fault("loss_of_balance"):
            _stumble(draft, draft.com, fall * burst(context))


def _stumble(draft: Draft, com: NDArray[np.float64], wave: Curve) -> None:
    """The body is thrown forward and to a side by `wave`, and the arms go out."""
    side = draft.context.side
    com[:, 0] += 0.05 * wave
    com[:, 1] += 0.05 * wave * side
    draft.spine[:, 1] += np.radians(9.0) * wave * side
    out = np.radians(25.0) * np.abs(wave)
    for k in range(2):
        draft.set_arm("shoulder_adduction", draft.arm[:, k, 3] - out, k)
