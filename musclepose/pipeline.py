"""The one file that knows the order: video -> keypoints -> motion -> physics -> Analysis."""

from __future__ import annotations

import math
import platform
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening
from torch import Tensor

import musclepose
from musclepose.data.border import foot_cut_off, without_border
from musclepose.data.resample import (
    MAX_GAP_S,
    RATE_HZ,
    resample_feet,
    resample_track,
    to_source_times,
)
from musclepose.data.tokens import MIN_JOINTS_FOR_SIZE
from musclepose.errors import InputError, NoPersonError
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from musclepose.models.decode import CameraOut, generalised_coordinates
from musclepose.models.inference import ClipOut, infer_clip
from musclepose.models.musclepose import MusclePoseCOCO
from musclepose.models.refine import refine
from musclepose.physics.anthropometrics import (
    assumed_fields,
    person_of,
    standing_height,
)
from musclepose.physics.grfm import FootWrench
from musclepose.physics.kinematics import (
    forward_kinematics,
    keypoints_coco,
    local_rotations,
)
from musclepose.physics.mtg import Effort
from musclepose.physics.uncertainty import Bands
from musclepose.physics.whole_body import (
    ONE_CAMERA,
    BodyPhysics,
    physics_of_motion,
    support_warnings,
)
from musclepose.pose.detections import BodyLocator, PoseDetector
from musclepose.pose.follow import (
    LOOK_EVERY_S,
    FollowedPeople,
    follow_people,
    locate_person,
    track_video,
)
from musclepose.pose.leaps import within_longest_stretch
from musclepose.pose.scene import camera_still, slow_motion_question
from musclepose.quality import quality_of
from musclepose.records import (
    Analysis,
    Array,
    Athlete,
    Camera,
    ExternalLoad,
    Person,
    PoseTrack,
)
from musclepose.utils.memory import give_back_memory

Progress = Callable[[float, str], None]
Keypoints = Literal["blazepose", "yolo"]
KEYPOINTS: tuple[Keypoints, ...] = get_args(Keypoints)
MIN_FRAMES_30HZ = 8
MIN_SEEN_FRACTION = 0.1
# Forces this near a gap rest on motion that nobody saw: one period of the slowest cut-off, 4 Hz. The low-pass's answer
# to a step comes within 1 % after 0.83 periods, and the differences reach a frame further.
GAP_MARGIN_S = 0.25
MAX_MOTION_S = 600.0  # of a measured motion
CAMERA_M, CAMERA_PX = 4.0, (1280, 720)  # of the camera that is put beside it


@dataclass(frozen=True)
class AnalyseOptions:
    """Choices beyond athlete and load."""

    checkpoint: Path = DEFAULT_CHECKPOINT
    slow_motion: float = (
        1.0  # how many times slower the file plays than it was filmed
    )
    bf16: bool = False
    refine: bool = True  # bring the body nearer to the keypoints and let standing feet stand
    keypoints: Keypoints = (
        "blazepose"  # BlazePose on the person that YOLO follows, or YOLO alone
    )

    def __post_init__(self) -> None:
        if self.keypoints not in KEYPOINTS:
            raise InputError(
                f"keypoints are {self.keypoints!r}; they must come from {' or '.join(KEYPOINTS)}."
            )
        if not 1.0 <= self.slow_motion <= 32.0:
            raise InputError(
                f"slow-motion factor is {self.slow_motion:g}; 1 (real time) to 32 are allowed."
            )


def _silent(_fraction: float, _text: str) -> None:
    return None


_MODELS: dict[tuple[Path, float], tuple[MusclePoseCOCO, dict[str, Any]]] = {}


def model_of(path: Path) -> tuple[MusclePoseCOCO, dict[str, Any]]:
    """Checkpoint, read once per file version."""
    key = (path, path.stat().st_mtime if path.exists() else 0.0)
    if key not in _MODELS:
        loaded = load_checkpoint(path)
        _MODELS.clear()
        _MODELS[key] = loaded
    return _MODELS[key]


@lru_cache(maxsize=1)
def _detector() -> PoseDetector:
    """The model that finds people, loaded at the first video; the only place that chooses it."""
    from musclepose.pose.detector import YoloPoseDetector

    return YoloPoseDetector()


def follow(
    video_path: Path | str,
    progress: Progress | None = None,
    keypoints: Keypoints = "blazepose",
) -> FollowedPeople:
    """Everyone in a video, the likeliest athlete first, numbered as `analyse` does with these keypoints.

    Raises MusclePoseError where nobody is.
    """
    look_every_s = 0.0 if keypoints == "yolo" else LOOK_EVERY_S
    people = follow_people(
        Path(video_path), _detector(), progress, look_every_s
    )
    people.track()
    return people


@lru_cache(maxsize=1)
def _locator() -> BodyLocator:
    """The model that locates the joints of the followed person, likewise."""
    from musclepose.pose.landmarks import BlazePose

    return BlazePose()


def load_models(options: AnalyseOptions) -> None:
    """Load all weights that `analyse` needs with these options, once per process."""
    model_of(options.checkpoint)
    _detector()
    if options.keypoints != "yolo":
        _locator()


def track_of_video(
    video_path: Path | str,
    person: int = 0,
    keypoints: Keypoints = "blazepose",
    progress: Progress | None = None,
) -> PoseTrack:
    """Keypoints of one person in a video, from the asked source."""
    locator = None if keypoints == "yolo" else _locator()
    return track_video(Path(video_path), _detector(), person, progress, locator)


def locate(
    video_path: Path | str,
    followed: FollowedPeople,
    person: int = 0,
    progress: Progress | None = None,
) -> PoseTrack:
    """Keypoints of one of the people that `follow` found in the same video."""
    return locate_person(video_path, followed, person, _locator(), progress)


def analyse(
    video_path: Path | str,
    athlete: Athlete,
    load: ExternalLoad,
    person: int = 0,
    options: AnalyseOptions = AnalyseOptions(),
    progress: Progress | None = None,
) -> Analysis:
    """Everything about one person in one video. Raises MusclePoseError with one sentence where that is not possible."""
    report = progress or _silent
    model_of(options.checkpoint)
    track = track_of_video(
        video_path,
        person,
        options.keypoints,
        lambda f, text: report(0.85 * f, text),
    )
    return analyse_track(
        track,
        athlete,
        load,
        options,
        lambda f, text: report(0.85 + 0.15 * f, text),
    )


def analyse_track(
    track: PoseTrack,
    athlete: Athlete,
    load: ExternalLoad,
    options: AnalyseOptions = AnalyseOptions(),
    progress: Progress | None = None,
) -> Analysis:
    """The same from keypoints."""
    report = progress or _silent
    read = read_motion(
        track, athlete.height_m, options, lambda f, text: report(0.4 * f, text)
    )
    return analyse_read(
        read, athlete, load, lambda f, text: report(0.4 + 0.6 * f, text)
    )


@dataclass(frozen=True)
class ReadMotion:
    """What the network read from the keypoints of one person, at 30 Hz: nothing in it depends on mass or load."""

    track: PoseTrack  # on the clock of the movement, without the points at the picture's border
    foot_cut_off: NDArray[np.bool_]  # (T,) frames of the track
    confidence: NDArray[np.float32]  # (n, 17)
    grid_s: Array  # (n,)
    clip: ClipOut
    q: Tensor  # (n, 47)
    network: dict[str, Any]  # which one it was


def read_motion(
    track: PoseTrack,
    height_m: float | None,
    options: AnalyseOptions = AnalyseOptions(),
    progress: Progress | None = None,
) -> ReadMotion:
    """The motion of a track. Raises MusclePoseError where too little was seen or it is too short."""
    give_back_memory()
    with _one_thread():
        return _read_motion(track, height_m, options, progress or _silent)


def analyse_read(
    read: ReadMotion,
    athlete: Athlete,
    load: ExternalLoad,
    progress: Progress | None = None,
) -> Analysis:
    """Forces, torques and everything else of a motion; the athlete's height is that with which it was read."""
    give_back_memory()
    with _one_thread():
        analysis = _analyse_read(read, athlete, load, progress or _silent)
    give_back_memory()
    return analysis


@contextmanager
def _one_thread() -> Iterator[None]:
    """Thousands of small operations: a second thread of torch saves nothing here, and where another process wants that
    core too, waiting for it takes ten times as long (docs/speed.md)."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _at_real_speed(
    track: PoseTrack, slow_motion: float, height_m: float | None
) -> PoseTrack:
    """The track on the clock of the movement; where nobody told of slow motion, with the question if it looks slow."""
    if slow_motion == 1.0:
        question = slow_motion_question(track, height_m)
        return replace(track, warnings=track.warnings + question)
    slower = (
        track.scene.slower(slow_motion) if track.scene is not None else None
    )
    told = tuple(
        re.sub(
            r"(\d+\.\d) s\b",
            lambda found: f"{float(found[1]) / slow_motion:.1f} s",
            warning,
        )
        for warning in track.warnings
    )
    return replace(
        track, time_s=track.time_s / slow_motion, scene=slower, warnings=told
    )


def _motion_of(
    track: PoseTrack,
    keypoints_px: Tensor,
    confidence: Tensor,
    model: MusclePoseCOCO,
    height_m: float | None,
    options: AnalyseOptions,
    report: Progress,
) -> ClipOut:
    """What the network reads from keypoints (T, 17, 2) at 30 Hz, refined where that is asked for."""
    report(0.0, "Reading the motion")
    feet = resample_feet(track)
    clip = infer_clip(
        model,
        keypoints_px,
        confidence,
        track.size_px,
        height_m,
        options.bf16,
        None if feet is None else torch.from_numpy(feet),
    )
    if not options.refine:
        return clip
    report(0.3, "Refining the motion")
    return refine(clip, keypoints_px, confidence, track.size_px)


def _read_motion(
    track: PoseTrack,
    height_m: float | None,
    options: AnalyseOptions,
    report: Progress,
) -> ReadMotion:
    track = _at_real_speed(track, options.slow_motion, height_m)
    _check_seen(without_border(track))
    track = within_longest_stretch(track)
    cut_off = foot_cut_off(track)
    track = without_border(track)
    model, info = model_of(options.checkpoint)
    keypoints, confidence, grid_s = resample_track(track)
    if len(grid_s) < MIN_FRAMES_30HZ:
        raise InputError(
            f"The clip lasts {track.time_s[-1]:.2f} s; a movement needs at least {MIN_FRAMES_30HZ / RATE_HZ:.2f} s."
        )
    seen = torch.from_numpy(keypoints), torch.from_numpy(confidence)
    clip = _motion_of(track, *seen, model, height_m, options, report)
    q = generalised_coordinates(clip.motion)
    return ReadMotion(track, cut_off, confidence, grid_s, clip, q, info)


def _analyse_read(
    read: ReadMotion, athlete: Athlete, load: ExternalLoad, report: Progress
) -> Analysis:
    report(0.0, "Computing forces and torques")
    give_back_memory()
    clip, track = read.clip, read.track
    person = person_of(athlete, float(clip.motion.stature_m))
    physics = physics_of_motion(
        read.q,
        clip.motion.lengths_m,
        clip.contact,
        person,
        load,
        torch.from_numpy(read.confidence).double(),
        trust=ONE_CAMERA,
    )
    report(0.85, "Writing up")
    whole = ~_widened(
        np.interp(read.grid_s, track.time_s, read.foot_cut_off) > 0
    )
    known = (
        frames_seen(read.confidence)
        & camera_still(track.scene, read.grid_s)
        & whole
    )
    track = replace(
        track, warnings=track.warnings + _border_warning(read.foot_cut_off)
    )
    physics = _where_known(physics, known, person.mass_kg)
    camera = camera_record(clip.motion.camera, track.size_px, physics.floor_m)
    lengths = clip.motion.lengths_m.double()
    analysis = _assemble(
        track, athlete, person, load, lengths, camera, physics, read.grid_s
    )
    versions = _versions(read.network) | {"keypoints": track.keypoint_source}
    return replace(analysis, phi=clip.phi.double().numpy(), versions=versions)


@dataclass(frozen=True)
class MeasuredMotion:
    """A body that was measured in space, at 30 Hz, on the floor y = 0."""

    q: Array  # (T, 47) rad, first three m
    lengths_m: Array  # (13,)
    contact: Array  # (T, 2) probability
    keypoints_world_m: (
        Array  # (T, 17, 3) measured COCO points, NaN where they were not
    )


def analyse_measured(
    measured: MeasuredMotion, athlete: Athlete, load: ExternalLoad, source: str
) -> Analysis:
    """The same physics of a measured motion; `source` says who measured it.

    A camera is put beside it, so that everything that reads a picture has one. Raises NoPersonError where too little
    was seen.
    """
    lengths = torch.from_numpy(measured.lengths_m).double()
    person = person_of(athlete, float(standing_height(lengths)))
    camera, track = _filmed(measured, source)
    _check_seen(track)
    with _one_thread():
        physics = physics_of_motion(
            torch.from_numpy(measured.q),
            lengths,
            torch.from_numpy(measured.contact),
            person,
            load,
            torch.from_numpy(track.confidence),
        )
    camera = replace(
        camera,
        t_cam_world_m=camera.t_cam_world_m
        + camera.R_cam_world[:, 1] * physics.floor_m,
    )
    physics = _where_known(
        physics, frames_seen(track.confidence), person.mass_kg
    )
    analysis = _assemble(
        track, athlete, person, load, lengths, camera, physics, track.time_s
    )
    return replace(analysis, versions=_versions({}) | {"keypoints": source})


def _filmed(measured: MeasuredMotion, source: str) -> tuple[Camera, PoseTrack]:
    """A level camera half in front of the person that sees all of it, and what it would see."""
    turn = local_rotations(torch.from_numpy(measured.q))[:, 0].numpy()
    forward, right = turn[:, :, 0].mean(axis=0), turn[:, :, 2].mean(axis=0)
    away = (forward + right) * [1.0, 0.0, 1.0]
    away = away / np.linalg.norm(away)
    down = np.array([0.0, -1.0, 0.0])
    rotation = np.stack([np.cross(down, -away), down, -away])
    hips = measured.q[:, :3]
    middle = (hips.max(axis=0) + hips.min(axis=0)) / 2.0
    distance = CAMERA_M + float(np.linalg.norm(np.ptp(hips, axis=0)))
    width, height = CAMERA_PX
    centre = (width / 2.0, height / 2.0)
    camera = Camera(
        rotation, -rotation @ (middle + distance * away), float(width), centre
    )
    pixels = camera.project(measured.keypoints_world_m)
    confidence = np.isfinite(pixels).all(axis=-1).astype(float)
    time_s = np.arange(len(pixels)) / RATE_HZ
    return camera, PoseTrack(
        pixels, confidence, time_s, CAMERA_PX, keypoint_source=source
    )


def frames_seen(confidence: NDArray[Any]) -> NDArray[np.bool_]:
    """(T,) frames at 30 Hz whose motion was seen: outside gaps longer than MAX_GAP_S and the margin around them."""
    enough = (confidence > 0).sum(1) >= MIN_JOINTS_FOR_SIZE
    gap = int(MAX_GAP_S * RATE_HZ)
    padded = np.pad(~enough, gap, constant_values=True)
    missing = binary_opening(padded, np.ones(gap + 1))[gap:-gap]
    return ~_widened(missing)


def _widened(unseen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(T,) frames at 30 Hz that are not seen, or as near to such a frame as the filters carry its guess."""
    margin = math.ceil(GAP_MARGIN_S * RATE_HZ)
    return np.asarray(binary_dilation(unseen, np.ones(2 * margin + 1)))


def _border_warning(cut_off: NDArray[np.bool_]) -> tuple[str, ...]:
    if not cut_off.any():
        return ()
    share = 100.0 * float(cut_off.mean())
    where = f"in {max(share, 1.0):.0f} % of the frames"
    return (
        f"A foot was cut off by the picture's border {where}: no forces are told there.",
    )


def _where_known(
    physics: BodyPhysics, known: NDArray[np.bool_], mass_kg: float
) -> BodyPhysics:
    """Forces, torques, activations and bands are NaN where they are not known (T,): the person was not seen, or the
    camera moved. The angles stay, as a guess."""
    seen = torch.from_numpy(known)

    def masked(x: Tensor) -> Tensor:
        return torch.where(seen.view(-1, *[1] * (x.dim() - 1)), x, torch.nan)

    return replace(
        physics,
        feet=FootWrench(*map(masked, physics.feet)),
        tau_nm=masked(physics.tau_nm),
        effort=Effort(*map(masked, physics.effort)),
        tau_mtg_nm=masked(physics.tau_mtg_nm),
        bands=Bands(*map(masked, physics.bands)),
        contact_gate=masked(physics.contact_gate),
        hands=None
        if physics.hands is None
        else FootWrench(*map(masked, physics.hands)),
        warnings=_support_warnings_where(physics, seen, mass_kg)
        if known.any()
        else (),
    )


def _support_warnings_where(
    physics: BodyPhysics, seen: Tensor, mass_kg: float
) -> tuple[str, ...]:
    """What is to be said of the supports in the frames `seen` (T,)."""
    hands = physics.hand_support
    return support_warnings(
        physics.contact_gate[seen],
        physics.required_force_n[seen],
        mass_kg,
        None if hands is None else replace(hands, gate=hands.gate[seen]),
    )


def _check_seen(track: PoseTrack) -> None:
    seen = float((track.confidence > 0).mean())
    if seen < MIN_SEEN_FRACTION:
        raise NoPersonError(
            f"Only {100 * seen:.0f} % of the joints were seen; film the whole body, in good light, with a fixed camera."
        )


def camera_record(
    camera: CameraOut, size_px: tuple[int, int], floor_m: float = 0.0
) -> Camera:
    """Pinhole camera of the clip in pixels, in a world whose floor is y = 0 (the network's floor lay at `floor_m`)."""
    R_cam_world = camera.R_world_cam().double().numpy().T
    position = np.array([0.0, float(camera.height_m) - floor_m, 0.0])
    return Camera(
        R_cam_world,
        -R_cam_world @ position,
        float(camera.focal) * max(size_px),
        (size_px[0] / 2.0, size_px[1] / 2.0),
    )


def _assemble(
    track: PoseTrack,
    told: Athlete,
    person: Person,
    load: ExternalLoad,
    lengths: Tensor,
    camera: Camera,
    physics: BodyPhysics,
    grid_s: Array,
) -> Analysis:
    """Bring everything to the source times.

    One piece because it fills one record, a field a line.
    """

    def source(values: Tensor) -> Array:
        return to_source_times(
            values.detach().double().numpy(), grid_s, track.time_s
        )

    pose = forward_kinematics(physics.q.double(), lengths)
    keypoints_world = source(keypoints_coco(pose, lengths))
    force = physics.feet.force_world_n
    cop = torch.where(
        force.norm(dim=-1, keepdim=True) > 1.0,
        physics.feet.cop_world_m,
        torch.nan,
    )
    alpha, effort = physics.effort.alpha, physics.effort.effort
    fit_px = camera.project(keypoints_world)
    q, com, tau, grf = (
        source(physics.q),
        source(physics.com_world_m),
        source(physics.tau_nm),
        source(force),
    )
    hands = (
        None if physics.hands is None else source(physics.hands.force_world_n)
    )
    share = None if physics.load_share is None else source(physics.load_share)
    supports = grf if hands is None else np.concatenate((grf, hands), 1)
    quality = quality_of(q, tau, supports, com, track, fit_px, person.mass_kg)
    return Analysis(
        athlete=person,
        assumed=assumed_fields(told),
        load=load,
        track=track,
        camera=camera,
        time_s=track.time_s,
        q=q,
        qdot=source(physics.qdot),
        qddot=source(physics.qddot),
        joints_world_m=source(pose.p_world_seg),
        keypoints_world_m=keypoints_world,
        keypoints_fit_px=fit_px,
        com_world_m=com,
        contact=source(physics.contact_gate),
        grf_world_n=grf,
        cop_world_m=source(cop),
        free_moment_nm=source(physics.feet.free_moment_nm),
        tau_nm=tau,
        tau_mtg_nm=source(physics.tau_mtg_nm),
        activation=source(alpha),
        effort=source(effort),
        tau_band_nm=source(physics.bands.tau_nm),
        grf_band_n=source(physics.bands.grf_n),
        quality=quality,
        warnings=track.warnings
        + physics.warnings
        + _load_warning(share, track.time_s),
        hand_force_world_n=hands,
        load_share=share,
        lengths_m=lengths.detach().numpy(),
    )


def _load_warning(share: Array | None, time_s: Array) -> tuple[str, ...]:
    """When the load lies on the floor and counts for nothing."""
    if share is None:
        return ()
    edges = np.flatnonzero(np.diff(share < 0.5, prepend=False, append=False))
    times = [
        f"{time_s[first]:.1f} to {time_s[last - 1]:.1f} s"
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
    if not times:
        return ()
    return (
        f"The weight seems to lie on the floor ({', '.join(times)}): it does not count there.",
    )


def _versions(info: dict[str, Any]) -> dict[str, str]:
    out = {
        "musclepose": musclepose.__version__,
        "python": platform.python_version(),
    }
    for package in ("torch", "numpy", "ultralytics", "ai-edge-litert", "av"):
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            out[package] = "not installed"
    return out | {
        "checkpoint": str(info.get("name", "unnamed")),
        "checkpoint_steps": str(info.get("step", "?")),
    }
