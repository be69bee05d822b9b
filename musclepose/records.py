"""The records that stand on the arrows between stages. Arrays are numpy here; tensors stay inside model and physics.

Field names end in their unit. T is the number of source frames; world axes are Y up, right-handed, metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from musclepose.errors import InputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.integer]
Sex = Literal["female", "male", "unknown"]
LoadSite = Literal["hands", "shoulders"]

ASSUMED_SEX_TABLE: Sex = "male"
# Age not told: the young group, where most of the subjects of every strength table stand (chosen).
DEFAULT_AGE_YEARS = 21.5
HEIGHT_RANGE_M = (1.2, 2.3)
MASS_RANGE_KG = (25.0, 250.0)
LOAD_RANGE_KG = (0.0, 400.0)


def _check_range(
    name: str, value: float | None, low: float, high: float, unit: str
) -> None:
    if value is not None and not low <= value <= high:
        raise InputError(
            f"{name} is {value:g} {unit}; it must lie between {low:g} and {high:g} {unit}, or be left out."
        )


@dataclass(frozen=True)
class Athlete:
    """What the user said about the athlete; None means not told: everything that depends on it is marked assumed."""

    height_m: float | None = None
    mass_kg: float | None = None
    sex: Sex = "unknown"
    age_years: float | None = None

    def __post_init__(self) -> None:
        _check_range("height", self.height_m, *HEIGHT_RANGE_M, "m")
        _check_range("mass", self.mass_kg, *MASS_RANGE_KG, "kg")
        _check_range("age", self.age_years, 10.0, 100.0, "years")
        if self.sex not in ("female", "male", "unknown"):
            raise InputError(
                f"sex is {self.sex!r}; it must be female, male or unknown."
            )


@dataclass(frozen=True)
class Person:
    """The body that was computed with: what the user told, and what stands for the rest. Nothing is missing."""

    height_m: float
    mass_kg: float
    sex: Sex = "unknown"  # unknown: the mean of both strength tables
    age_years: float = DEFAULT_AGE_YEARS


@dataclass(frozen=True)
class ExternalLoad:
    """A weight that the athlete holds: total kilograms, shared equally by both hands or both shoulders."""

    mass_kg: float = 0.0
    at: LoadSite = "hands"

    def __post_init__(self) -> None:
        _check_range("load", self.mass_kg, *LOAD_RANGE_KG, "kg")
        if self.at not in ("hands", "shoulders"):
            raise InputError(
                f"load position is {self.at!r}; it must be hands or shoulders."
            )


@dataclass(frozen=True)
class Scene:
    """What was found in the film around one person; times in seconds of the track."""

    cuts_s: tuple[
        float, ...
    ] = ()  # first picture after each cut, middle of each cross-fade
    shot_s: tuple[float, float] | None = (
        None  # from, to: the shot of this person; None: the whole film
    )
    camera_travel: float = 0.0  # how far the background moved, shares of the picture's longest side
    camera_zoom: float = 0.0  # logarithm of the largest change of scale
    moving_camera: bool = False  # further than a hand sways that holds it
    moving_s: tuple[tuple[float, float], ...] = ()  # from, to: when it moves
    repeated: float = 0.0  # share of pictures that repeat the one before

    def slower(self, factor: float) -> Scene:
        """The same in a film that plays `factor` times slower than life, in seconds of life."""
        shot = self.shot_s
        return replace(
            self,
            cuts_s=tuple(cut / factor for cut in self.cuts_s),
            shot_s=None
            if shot is None
            else (shot[0] / factor, shot[1] / factor),
            moving_s=tuple(
                (start / factor, end / factor) for start, end in self.moving_s
            ),
        )


@dataclass(frozen=True)
class PoseTrack:
    """One followed person. Missing joints are NaN with confidence 0: gaps are masked, never filled."""

    keypoints_px: Array  # (T, 17, 2) COCO-17 order, x right, y down, origin top left of the upright picture
    confidence: Array  # (T, 17) in [0, 1]
    time_s: Array  # (T,) source time stamps, strictly increasing, first is 0
    size_px: tuple[int, int]  # width, height of the upright picture
    people: int = 1  # how many people were followed in the clip
    person: int = (
        0  # which of them this is (0 = the likeliest athlete, pose.ranking)
    )
    warnings: tuple[str, ...] = ()
    keypoint_source: str = (
        "given"  # who located the points, as analysis.json says it
    )
    # (T, 4, 2) px left heel, right heel, left toe, right toe; NaN in frames in which nobody located them
    heel_toe_px: Array | None = None
    heel_toe_visibility: Array | None = (
        None  # (T, 4) in [0, 1] by the same source; 0 where NaN
    )
    scene: Scene | None = None  # None: there was no film

    def __post_init__(self) -> None:
        frames = len(self.time_s)
        feet = (self.heel_toe_px, self.heel_toe_visibility)
        shapes = [None if one is None else one.shape for one in feet]
        if shapes not in ([None, None], [(frames, 4, 2), (frames, 4)]):
            raise InputError(
                f"heels and toes have shapes {shapes[0]} and {shapes[1]}; {frames} time stamps need "
                f"({frames}, 4, 2) and ({frames}, 4), or neither."
            )
        if self.keypoints_px.shape != (
            frames,
            17,
            2,
        ) or self.confidence.shape != (frames, 17):
            raise InputError(
                f"keypoints have shape {self.keypoints_px.shape} and confidence {self.confidence.shape}; "
                f"{frames} time stamps need ({frames}, 17, 2) and ({frames}, 17)."
            )


@dataclass(frozen=True)
class Camera:
    """Pinhole camera: p_cam = R_cam_world @ p_world + t_cam_world_m, OpenCV axes (x right, y down, z forward)."""

    R_cam_world: Array  # (3, 3)
    t_cam_world_m: Array  # (3,)
    focal_px: float
    centre_px: tuple[float, float]

    def project(self, p_world: Array) -> Array:
        """Pixels (..., 2) of world points (..., 3) in metres."""
        p_cam = p_world @ self.R_cam_world.T + self.t_cam_world_m
        return self.focal_px * p_cam[..., :2] / p_cam[..., 2:3] + np.asarray(
            self.centre_px
        )


@dataclass(frozen=True)
class Quality:
    """How far the result can be trusted; every figure is computed from the arrays of the Analysis."""

    root_residual_force_bw: (
        float  # RMS of the residual force at the root, body weights
    )
    root_residual_force_fraction: float  # RMS residual force / RMS net external force (Hicks 2015 limit 0.05)
    root_residual_moment_fraction: (
        float  # RMS residual moment / (CoM height x net force) (limit 0.01)
    )
    reprojection_error_px: float  # median over seen joints
    seen_fraction: float  # share of frames x joints that the detector saw, while the person was in view
    level: Literal["high", "medium", "low"] = "low"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """Everything computed from one clip, on the source time stamps. Foot order: left, right."""

    athlete: Person  # as used
    assumed: tuple[
        str, ...
    ]  # names of athlete fields that the user did not give
    load: ExternalLoad
    track: PoseTrack
    camera: Camera
    time_s: Array  # (T,)
    q: Array  # (T, 47) rad, first three m
    qdot: Array  # (T, 47) per second
    qddot: Array  # (T, 47) per second squared
    joints_world_m: (
        Array  # (T, 18, 3) segment origins (proximal joint of each segment)
    )
    keypoints_world_m: Array  # (T, 17, 3) COCO points of the fitted body
    keypoints_fit_px: Array  # (T, 17, 2) their picture positions
    com_world_m: Array  # (T, 3) whole-body centre of mass
    contact: Array  # (T, 2) share of full contact, decided: 0 in the air, 1 standing, a ramp of one frame between
    grf_world_n: Array  # (T, 2, 3)
    cop_world_m: Array  # (T, 2, 3), NaN where the foot carries nothing
    free_moment_nm: Array  # (T, 2) vertical
    tau_nm: Array  # (T, 47) generalised forces; [:, :3] N and [:, 3:6] N m are the root residual
    tau_mtg_nm: Array  # (T, 41) muscle torque generators
    activation: Array  # (T, 82) flexion side 41, then extension side 41
    effort: Array  # (T, 41) active torque / capacity in its direction
    tau_band_nm: (
        Array  # (T, 47) half width of the 90 % band from keypoint noise
    )
    grf_band_n: Array  # (T, 2, 3) likewise
    quality: Quality
    warnings: tuple[str, ...] = ()
    phi: Array = field(
        default_factory=lambda: np.zeros((0, 256))
    )  # (T30, 256) motion features at 30 Hz
    versions: dict[str, str] = field(default_factory=dict)
    # (T, 2, 3) world, on the left and right hand (or forearm) where they carry part of the weight; None: they never do
    hand_force_world_n: Array | None = None
    load_share: Array | None = (
        None  # (T,) of the load that is carried, 0 to 1; None: all of it all the time
    )
    lengths_m: Array | None = (
        None  # (13,) skeleton47.LENGTHS of the body; None: joints without a body
    )
