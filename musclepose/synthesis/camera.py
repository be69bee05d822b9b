"""Random cameras around a motion, batched. The learning world is the *camera-heading frame*.

Camera-heading frame: right-handed, Y up, origin on the floor straight below the camera, x to the right of the picture,
z towards the viewer: the camera looks along -z, pitched down by `pitch` and rolled by `roll`. As in `models.decode`,

    R_world_cam = Rx(-pitch) Rz(roll) diag(1, -1, -1),   p_cam = R_world_cam^T (p_world - (0, height, 0)),

with OpenCV camera axes (x right, y down, z forward), and px = size / 2 + long_side * focal * p_cam.xy / p_cam.z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.kinematics import Pose
from musclepose.physics.skeleton47 import DOF_INDEX
from musclepose.utils.rot import (
    matrix_from_zxy,
    rot_x,
    rot_y,
    rot_z,
    unwrap_zxy,
    zxy_from_matrix,
)

NEAR_M = 0.2
# Main cameras of phones have the field of 24 to 28 mm on a full frame 36 mm wide; video is cropped by up to a fifth.
PHONE_FOCAL = (0.66, 0.95)  # long sides
FARTHEST_AIM = 0.4  # shares of the half picture
_ROOT = slice(DOF_INDEX["pelvis_tilt"], DOF_INDEX["pelvis_tilt"] + 3)


@dataclass(frozen=True)
class CameraRanges:
    """What cameras are drawn from."""

    focal: tuple[float, float] = (0.7, 2.2)  # long sides, log-uniform
    height_m: tuple[float, float] = (0.3, 2.2)
    distance_m: tuple[float, float] = (2.0, 9.0)
    fill: tuple[float, float] = (
        0.45,
        1.25,
    )  # share of the picture that the whole motion takes; above 1 it is cropped
    roll_deg: tuple[float, float] = (1.5, 4.0)  # standard deviation and bound
    aim_scatter: float = 0.12  # standard deviation, shares of the half picture
    spare: float = 0.0  # share of the picture that the motion leaves free by which the aim may miss
    phone: float = (
        0.0  # share of the cameras whose focal length is that of a phone
    )
    pan_probability: float = 0.0
    pan_deg_s: float = 4.0  # largest
    long_side_px: tuple[float, float] = (640.0, 1920.0)
    aspects: tuple[float, ...] = (
        9 / 16,
        9 / 16,
        3 / 4,
        1.0,
    )  # short / long side


class VirtualCamera(NamedTuple):
    """One camera per clip; focal length in long sides of the picture, angles in rad, metres, pixels."""

    focal: Float[Tensor, " b"]
    pitch: Float[Tensor, " b"]
    roll: Float[Tensor, " b"]
    height_m: Float[Tensor, " b"]
    pan_rad_s: Float[
        Tensor, " b"
    ]  # heading rate; the frame is that of the middle of the clip
    size_px: Float[Tensor, "b 2"]  # width, height


class Placement(NamedTuple):
    """Motion world to camera-heading frame: `p = Ry(heading) (p_motion - centre) + offset`; heights do not change."""

    heading: Float[Tensor, " b"]
    centre_m: Float[Tensor, "b 3"]
    offset_m: Float[Tensor, "b 3"]


def _uniform(
    low: float,
    high: float,
    shape: tuple[int, ...],
    generator: torch.Generator | None,
) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator)


def _picture_sizes(
    batch: int, ranges: CameraRanges, generator: torch.Generator | None
) -> Float[Tensor, "b 2"]:
    long_side = _uniform(*ranges.long_side_px, (batch,), generator)
    drawn = torch.randint(len(ranges.aspects), (batch,), generator=generator)
    aspect = torch.tensor(ranges.aspects)[drawn]
    portrait = torch.rand(batch, generator=generator) < 0.5
    short = long_side * aspect
    width = torch.where(portrait, short, long_side)
    height = torch.where(portrait, long_side, short)
    return torch.stack((width, height), -1).round()


class _Box(NamedTuple):
    """Bounding box of a motion that was turned before the camera, m."""

    centre_xz: Tensor  # (b, 3), on the floor, before the turn
    centre_y: Tensor  # (b,)
    half_size: Tensor  # (b, 2) half width and half height
    toward: Tensor  # (b,) how far it reaches towards the camera


def _box_seen(
    points: Float[Tensor, "b t k 3"], heading: Float[Tensor, " b"]
) -> _Box:
    flat = points.flatten(1, 2)
    low, high = flat.amin(1), flat.amax(1)
    middle = 0.5 * (low + high)
    centre = middle * torch.tensor([1.0, 0.0, 1.0])
    turned = (flat - centre[:, None]) @ rot_y(heading).transpose(1, 2)
    half_width = turned[..., 0].abs().amax(1)
    half_height = 0.5 * (high - low)[:, 1]
    half_size = torch.stack((half_width, half_height), -1)
    toward = turned[..., 2].amax(1)
    return _Box(centre, middle[:, 1], half_size, toward)


def _roll_and_pan(
    batch: int, ranges: CameraRanges, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """How far the camera is tilted aside, rad, and how fast some of them turn, rad/s."""
    roll_sd, roll_max = (math.radians(a) for a in ranges.roll_deg)
    roll = (roll_sd * torch.randn(batch, generator=generator)).clamp(
        -roll_max, roll_max
    )
    pans = torch.rand(batch, generator=generator) < ranges.pan_probability
    speed = _uniform(-1.0, 1.0, (batch,), generator)
    pan = pans * speed * math.radians(ranges.pan_deg_s)
    return roll, pan


def _focal_lengths(
    batch: int, ranges: CameraRanges, generator: torch.Generator | None
) -> Float[Tensor, " b"]:
    """Long sides, log-uniform within the range, some of them within that of phones."""
    low, high = (math.log(focal) for focal in ranges.focal)
    drawn = _uniform(low, high, (batch,), generator)
    if ranges.phone > 0:
        low, high = (math.log(focal) for focal in PHONE_FOCAL)
        is_phone = torch.rand(batch, generator=generator) < ranges.phone
        drawn = torch.where(
            is_phone, _uniform(low, high, (batch,), generator), drawn
        )
    return drawn.exp()


def _missed_aim(
    fill: Float[Tensor, " b"],
    ranges: CameraRanges,
    generator: torch.Generator | None,
) -> Float[Tensor, "b 2"]:
    """How far the middle of the motion lies from that of the picture, shares of the half picture."""
    off = ranges.aim_scatter * torch.randn(len(fill), 2, generator=generator)
    if ranges.spare > 0:
        free = ranges.spare * torch.relu(1.0 - fill)[:, None]
        off = off + free * _uniform(-1.0, 1.0, (len(fill), 2), generator)
    return off.clamp(-FARTHEST_AIM, FARTHEST_AIM)


def sample_camera(
    points: Float[Tensor, "b t k 3"],
    generator: torch.Generator | None = None,
    ranges: CameraRanges | None = None,
) -> tuple[VirtualCamera, Placement]:
    """A camera per clip that sees the motion `points` (m, floor y = 0), and where that puts the motion.

    The distance makes the motion's bounding box fill a drawn share of the picture, within `distance_m`; every point
    stays at least 0.3 m in front of the camera.
    """
    ranges = ranges or CameraRanges()
    batch = points.shape[0]
    heading = _uniform(-math.pi, math.pi, (batch,), generator)
    box = _box_seen(points, heading)
    focal = _focal_lengths(batch, ranges, generator)
    size = _picture_sizes(batch, ranges, generator)
    half_picture = 0.5 * size / size.amax(-1, keepdim=True)
    half_tangent = half_picture / focal[:, None]
    fill = _uniform(*ranges.fill, (batch,), generator)
    distance = _filling_distance(box, half_tangent, fill, ranges)
    height = _uniform(*ranges.height_m, (batch,), generator)
    scatter = _missed_aim(fill, ranges, generator) * half_tangent
    aim = torch.atan2(height - box.centre_y, distance) + scatter[:, 1]
    # A near, tall motion and a steep pitch could bring a point beside the lens: keep the pitch below 60 degrees.
    pitch = aim.clamp(-math.pi / 6, math.pi / 3)
    roll, pan = _roll_and_pan(batch, ranges, generator)
    camera = VirtualCamera(focal, pitch, roll, height, pan, size)
    offset = torch.stack(
        (scatter[:, 0] * distance, 0.0 * distance, -distance), -1
    )
    return _keep_in_front(
        camera, Placement(heading, box.centre_xz, offset), points
    )


def _filling_distance(
    box: _Box, half_tangent: Tensor, fill: Tensor, ranges: CameraRanges
) -> Float[Tensor, " b"]:
    """Metres at which the box fills the share `fill` of a picture of this half width and half height at 1 m."""
    filling = (box.half_size / half_tangent).amax(-1) / fill + box.toward
    return torch.maximum(filling.clamp(*ranges.distance_m), box.toward + 0.7)


def _keep_in_front(
    camera: VirtualCamera, placement: Placement, points: Tensor
) -> tuple[VirtualCamera, Placement]:
    """Push the motion away from the camera until its nearest point is 0.3 m in front of the lens."""
    _, depth = project(place_points(points, placement), camera)
    nearest = depth.flatten(1).amin(1)
    most_pan = camera.pan_rad_s * points.shape[1] / 60.0
    lack = (
        torch.relu(0.3 - nearest)
        / torch.cos(camera.pitch)
        / torch.cos(most_pan)
    )
    zero = torch.zeros_like(lack)
    back = torch.stack((zero, zero, -lack), -1)
    return camera, placement._replace(offset_m=placement.offset_m + back)


def place_points(
    points: Float[Tensor, "b t k 3"], placement: Placement
) -> Float[Tensor, "b t k 3"]:
    """World points of the motion in the camera-heading frame, m."""
    R = rot_y(placement.heading)[:, None]
    centre_m = placement.centre_m[:, None, None]
    offset_m = placement.offset_m[:, None, None]
    return (points - centre_m) @ R.transpose(-1, -2) + offset_m


def place_pose(pose: Pose, placement: Placement) -> Pose:
    """A pose (b, t, ...) in the camera-heading frame."""
    R = rot_y(placement.heading)[:, None, None]
    return Pose(R @ pose.R_world_seg, place_points(pose.p_world_seg, placement))


def place_q(
    q: Float[Tensor, "b t 47"], placement: Placement
) -> Float[Tensor, "b t 47"]:
    """Generalised coordinates in the camera-heading frame: only the six of the root change; root angles continuous."""
    root = place_points(q[..., None, :3], placement)[..., 0, :]
    R = rot_y(placement.heading)[:, None] @ matrix_from_zxy(
        *q[..., _ROOT].unbind(-1)
    )
    return torch.cat((root, unwrap_zxy(zxy_from_matrix(R)), q[..., 6:]), -1)


def R_world_cam(camera: VirtualCamera) -> Float[Tensor, "b 3 3"]:
    """OpenCV camera axes to the camera-heading frame (without pan)."""
    return (
        rot_x(-camera.pitch)
        @ rot_z(camera.roll)
        @ torch.diag(torch.tensor([1.0, -1.0, -1.0]))
    )


def project(
    points: Float[Tensor, "b t k 3"], camera: VirtualCamera, fps: float = 30.0
) -> tuple[Float[Tensor, "b t k 2"], Float[Tensor, "b t k"]]:
    """Pixels (x right, y down) and depth (m) of points in the camera-heading frame; depth is kept above NEAR_M."""
    frames = points.shape[1]
    from_middle = torch.arange(frames, dtype=points.dtype) - 0.5 * (frames - 1)
    pan = camera.pan_rad_s[:, None] * (from_middle / fps)
    R = rot_y(pan) @ R_world_cam(camera)[:, None]
    zero = torch.zeros_like(camera.height_m)
    lens = torch.stack((zero, camera.height_m, zero), -1)
    p_cam = (points - lens[:, None, None]) @ R
    depth = p_cam[..., 2]
    focal_px = camera.focal * camera.size_px.amax(-1)
    from_centre = focal_px[:, None, None, None] * p_cam[..., :2]
    centre_px = 0.5 * camera.size_px[:, None, None]
    px = centre_px + from_centre / depth.clamp(min=NEAR_M)[..., None]
    return px, depth


def height_px(
    depth_m: Float[Tensor, "b t"],
    stature_m: Float[Tensor, " b"],
    camera: VirtualCamera,
) -> Float[Tensor, "b t"]:
    """Size in pixels of the stature at the person's depth: the unit of the noise model."""
    at_one_metre = camera.focal * camera.size_px.amax(-1) * stature_m
    return at_one_metre[:, None] / depth_m.clamp(min=NEAR_M)
