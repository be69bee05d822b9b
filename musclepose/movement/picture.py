"""What the picture itself shows of a movement, before any body is fitted: the evidence that hard gates stand on.

Lengths are shares of the trunk (its 90th percentile in the picture, so a lean towards the camera does not stretch the
rest), heights are up positive, angles are those between the lines in the picture, 180 deg straight. A point that was
not seen gives NaN, and a feature of a point that was hardly seen is NaN.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from musclepose.records import Array, PoseTrack

TRUNK_OF_SHOULDERS = 1.2  # a trunk is at least this many shoulder widths long (chosen; COCO points)
SEATED_BEND_DEG = 125.0  # knees at most this straight in the picture (chosen)
SEATED_LEVEL = (
    0.4  # trunks, that hips and knees differ in height at most (chosen)
)
STILL = 0.15  # trunks a second (chosen)
FOOT_SEEN = 0.8  # visibility of heel and toe, below which a foot's tilt is not read (chosen)
SHORTEST_FOOT = (
    0.3  # trunks: a foot that points at the camera shows no heel (chosen)
)
FLOOR_REACH = 0.35  # trunks above the ankles: wrists this low hold what stands on the floor (chosen)
BEYOND_FEET = 0.5  # trunks sideways from the nearer ankle, beyond which feet do not carry (chosen; standing: 0.25)
LOW = 0.4  # trunks above the ankles, nearer to which hips sit or lie (chosen; in the deepest real squat 0.5)
MIN_SEEN = 0.2  # share of the clip's frames that must show the points of a feature (chosen)
SIZE_S = 1.0  # over which a body that the camera leaves or nears keeps about its size (chosen)
BRIDGED_FRAMES = 30  # within which two points keep their difference while one is lost (chosen)
CALM_S = (
    0.3  # over which lengths are averaged before they are compared (chosen)
)
STRIDE_S = 1.5  # over which both feet of a runner take their turn (chosen)
_SHOULDERS, _ELBOWS, _WRISTS, _HIPS, _KNEES, _ANKLES = (
    (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16),
)  # fmt: skip


def _percentile(values: Array, q: float) -> float:
    if np.isfinite(values).mean() < MIN_SEEN:
        return math.nan
    return float(np.nanpercentile(values, q))


def _spread(values: Array) -> float:
    return _percentile(values, 95) - _percentile(values, 5)


def _between(a: Array, b: Array) -> Array:
    """(T,) mean of two courses; where one was not seen for a while, the other with half of their difference around it.

    Without that the mean jumps whenever one is lost. Of what was long not seen nothing is known: the other alone.
    """
    both = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    seen_one = np.where(np.isfinite(a), a, b)
    if len(both) == 0:
        return seen_one
    frames = np.arange(len(a))
    half = 0.5 * np.interp(frames, both, (b - a)[both])
    nearest = np.abs(frames[:, None] - both[None]).min(axis=1)
    mean = np.where(np.isfinite(a), a + half, b - half)
    return np.where(nearest <= BRIDGED_FRAMES, mean, seen_one)


def _middle_of(points: Array, pair: tuple[int, int]) -> Array:
    """(T, 2) middle of two points; NaN where neither was seen."""
    a, b = points[:, pair[0]], points[:, pair[1]]
    return np.stack(
        [_between(a[:, axis], b[:, axis]) for axis in (0, 1)], axis=1
    )


def _bend(points: Array, a: int, b: int, c: int) -> Array:
    """(T,) angle at b in the picture, deg."""
    u, v = points[:, a] - points[:, b], points[:, c] - points[:, b]
    cross = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
    return np.asarray(np.degrees(np.arctan2(cross, (u * v).sum(axis=1))))


def _sides(points: Array, a: int, b: int, c: int) -> tuple[Array, Array]:
    return _bend(points, a, b, c), _bend(points, a + 1, b + 1, c + 1)


_ANGLES = {
    "arm": (11, 5, 7),
    "elbow": (5, 7, 9),
    "knee": (11, 13, 15),
    "hip": (5, 11, 13),
}


def _angles(points: Array, limb: str) -> tuple[Array, Array]:
    return _sides(points, *_ANGLES[limb])


def angles_in_picture(track: PoseTrack, limb: str) -> tuple[Array, Array]:
    """(T,) of the left and the right side, deg: of the upper arm with the trunk ("arm"), or in a joint."""
    return _angles(track.keypoints_px, limb)


def _chord_bend(points: Array, a: int, c: int) -> Array:
    """(T,) bend of a limb of two equal parts whose ends a and c lie this far apart, deg; 180 at its longest."""
    distance = np.linalg.norm(points[:, a] - points[:, c], axis=1)
    share = distance / _percentile(distance, 97)
    return np.asarray(2.0 * np.degrees(np.arcsin(np.clip(share, 0.0, 1.0))))


def _limb_range(points: Array, a: int, b: int, c: int) -> float:
    """Range of a limb's bend, of the angle or of its shortening: a limb that bends towards the camera only shortens."""
    shortening = _chord_bend(points, a, c), _chord_bend(points, a + 1, c + 1)
    ranges = (
        _larger_spread(_sides(points, a, b, c)),
        _larger_spread(shortening),
    )
    finite = [r for r in ranges if math.isfinite(r)]
    return max(finite) if finite else math.nan


def _unit_px(points: Array, trunk: Array) -> float:
    """The trunk's length in the picture; of a body seen along its trunk, what its shoulders say of it."""
    shoulders = np.linalg.norm(points[:, 5] - points[:, 6], axis=1)
    of_shoulders = TRUNK_OF_SHOULDERS * _percentile(shoulders, 90)
    finite = [
        u for u in (_percentile(trunk, 90), of_shoulders) if math.isfinite(u)
    ]
    return max(finite) if finite else math.nan


def _larger_spread(sides: tuple[Array, Array]) -> float:
    finite = [s for s in map(_spread, sides) if math.isfinite(s)]
    return max(finite) if finite else math.nan


def _from_vertical(low: Array, high: Array) -> Array:
    """(T,) angle of the line from `low` up to `high` with the picture's vertical, deg: 0 upright, 90 level, 180 upside
    down."""
    x, y = (high - low).T
    return np.asarray(np.degrees(np.arctan2(np.abs(x), -y)))


def _limb_angle_features(points: Array) -> dict[str, float]:
    """Angles of knee, hip, elbow and of the upper arm against the trunk, the mean of both sides."""
    knee, hip = (
        _between(*_angles(points, "knee")),
        _between(*_angles(points, "hip")),
    )
    elbow, arm = (
        _between(*_angles(points, "elbow")),
        _between(*_angles(points, "arm")),
    )
    return {
        "pic_knee_middle": _percentile(knee, 50),
        "pic_knee_low": _percentile(knee, 5),
        "pic_hip_middle": _percentile(hip, 50),
        "pic_hip_range": _spread(hip),
        "pic_elbow_low": _percentile(elbow, 5),
        "pic_arm_low": _percentile(arm, 5),
        "pic_arm_high": _percentile(arm, 95),
    }


def _posture_features(
    shoulder: Array, hip: Array, ankle: Array
) -> dict[str, float]:
    """How trunk and legs lie to the vertical."""
    trunk, legs = _from_vertical(hip, shoulder), _from_vertical(ankle, hip)
    return {
        "pic_lean": _percentile(trunk, 50),
        "pic_lean_low": _percentile(trunk, 5),
        "pic_lean_high": _percentile(trunk, 95),
        "pic_lean_range": _spread(trunk),
        "pic_leg_lean": _percentile(legs, 50),
        "pic_leg_lean_high": _percentile(legs, 95),
    }


def _higher_hand(points: Array) -> Array:
    """(T,) px that the higher wrist lies above the shoulders; negative below."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # both unseen: NaN is meant
        highest = np.nanmin(points[:, _WRISTS, 1], axis=1)
    return np.asarray(_middle_of(points, _SHOULDERS)[:, 1] - highest)


def _together(a: Array, b: Array) -> float:
    """Correlation of two courses over the frames that show both."""
    both = np.isfinite(a) & np.isfinite(b)
    if both.mean() < MIN_SEEN or min(np.std(a[both]), np.std(b[both])) < 1e-9:
        return math.nan
    return float(np.corrcoef(a[both], b[both])[0, 1])


def _change_features(
    points: Array, trunk: float, time_s: Array
) -> dict[str, float]:
    """What moves with what, and where the body rests: seated, or with the feet on two levels."""
    shoulder, hip, knee, ankle = (
        _middle_of(points, pair)[:, 1] / trunk
        for pair in (_SHOULDERS, _HIPS, _KNEES, _ANKLES)
    )
    left, right = _angles(points, "knee")
    bend, rate = _between(left, right), np.gradient(hip, time_s)
    seated = (
        (bend < SEATED_BEND_DEG)
        & (np.abs(knee - hip) < SEATED_LEVEL)
        & (np.abs(rate) < STILL)
    )
    standing = np.abs(np.gradient(ankle, time_s)) < STILL
    levels = np.where(standing, ankle, np.nan)
    return {
        "pic_knees_together": _together(left, right),
        "pic_rise_together": _together(shoulder, hip),
        "pic_seated": float(seated.mean())
        if np.isfinite(bend).mean() >= MIN_SEEN
        else math.nan,
        "pic_step_height": _percentile(levels, 85) - _percentile(levels, 15),
    }


def _apart(a: Array, b: Array) -> float:
    return _percentile(np.abs(a - b), 95)


def _side_features(points: Array, trunk: float) -> dict[str, float]:
    """How far left and right differ, which foot is higher, and whether the lower foot leaves its place."""
    left, right = points[:, 15, 1] / trunk, points[:, 16, 1] / trunk
    return {
        "pic_feet_in_turn": min(
            _percentile(left - right, 95), -_percentile(left - right, 5)
        ),
        "pic_lower_foot_y": _spread(np.maximum(left, right)),
        "pic_knees_apart": _apart(*_angles(points, "knee")),
        "pic_hips_apart": _apart(*_angles(points, "hip")),
        "pic_elbows_apart": _apart(*_angles(points, "elbow")),
    }


def _around(values: Array, time_s: Array, width_s: float) -> Array:
    """(T,) mean of the seen values within half of `width_s` before and after each frame."""
    seen = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(seen, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(seen)])
    first = np.searchsorted(time_s, time_s - 0.5 * width_s)
    last = np.searchsorted(time_s, time_s + 0.5 * width_s, side="right")
    inside = count[last] - count[first]
    return np.where(
        inside > 0, (total[last] - total[first]) / np.maximum(inside, 1), np.nan
    )


def body_size_px(points: Array) -> Array:
    """(T,) the trunk's length frame by frame, at least what the shoulders say of it."""
    trunk = np.linalg.norm(
        _middle_of(points, _SHOULDERS) - _middle_of(points, _HIPS), axis=1
    )
    shoulders = np.linalg.norm(points[:, 5] - points[:, 6], axis=1)
    return np.asarray(np.fmax(trunk, TRUNK_OF_SHOULDERS * shoulders))


def _stride_features(points: Array, time_s: Array) -> dict[str, float]:
    """How the feet take turns and the hips bob within a stride, as shares of the body's size at that moment.

    What a camera that follows, leaves or nears the body does to its place and size is slower, and taken off.
    """
    size = _around(body_size_px(points), time_s, SIZE_S)
    higher = (points[:, 15, 1] - points[:, 16, 1]) / size
    hip = _middle_of(points, _HIPS)[:, 1]
    turns = higher - _around(higher, time_s, STRIDE_S)
    return {
        "pic_feet_in_quick_turn": min(
            _percentile(turns, 95), -_percentile(turns, 5)
        ),
        "pic_hip_bob": _spread((hip - _around(hip, time_s, SIZE_S)) / size),
    }


def _nearing_features(points: Array, time_s: Array) -> dict[str, float]:
    """Whether the trunk comes nearer and goes away: its length and the shoulders' width then grow alike."""
    trunk = np.linalg.norm(
        _middle_of(points, _SHOULDERS) - _middle_of(points, _HIPS), axis=1
    )
    width = np.linalg.norm(points[:, 5] - points[:, 6], axis=1)
    calm = [_around(length, time_s, CALM_S) for length in (trunk, width)]
    changes = [
        _spread(length) / max(_percentile(length, 50), 1e-9) for length in calm
    ]
    return {"pic_nears": min(changes), "pic_nears_together": _together(*calm)}


def _way_of(points: Array, pair: tuple[int, int]) -> float:
    """How far the one of two points that moves more goes, sideways or up, px; NaN where neither was seen."""
    spreads = [_spread(points[:, i, axis]) for i in pair for axis in (0, 1)]
    return max((s for s in spreads if math.isfinite(s)), default=math.nan)


def _lean_at_the_floor(lean: Array, wrist_over_ankle: Array) -> float:
    """Lean of the trunk while the wrists are nearly as low as the ankles, deg; 0 where they never are."""
    if np.isfinite(wrist_over_ankle).mean() < MIN_SEEN:
        return math.nan
    at_floor = lean[wrist_over_ankle < FLOOR_REACH]
    return (
        float(np.nanpercentile(at_floor, 90))
        if np.isfinite(at_floor).sum() >= 3
        else 0.0
    )


def _across(points: Array, pair: tuple[int, int]) -> Array:
    """(T,) px between two points sideways."""
    return np.asarray(np.abs(points[:, pair[0], 0] - points[:, pair[1], 0]))


def places_in_picture(track: PoseTrack) -> dict[str, Array]:
    """(T,) trunks: how much further the wrists are apart than the shoulders, and how high the shoulders are.

    Of a body that turns, both pairs come nearer and only the difference tells of the arms.
    """
    points = track.keypoints_px
    shoulder, hip = _middle_of(points, _SHOULDERS), _middle_of(points, _HIPS)
    trunk = _unit_px(points, np.linalg.norm(shoulder - hip, axis=1))
    return {
        "hands_apart": (_across(points, _WRISTS) - _across(points, _SHOULDERS))
        / trunk,
        "shoulder_height": -shoulder[:, 1] / trunk,
        "hand_height": -_middle_of(points, _WRISTS)[:, 1] / trunk,
        "hands_before_each_other": _across(points, _WRISTS) / trunk,
        "feet_before_each_other": _across(points, _ANKLES) / trunk,
    }


def trunk_in_picture(track: PoseTrack) -> Array:
    """(T,) lean of the trunk against the picture's vertical, deg."""
    points = track.keypoints_px
    return _from_vertical(
        _middle_of(points, _HIPS), _middle_of(points, _SHOULDERS)
    )


def feet_in_picture(track: PoseTrack) -> tuple[Array, Array]:
    """(T,) tilt of the left and the right foot, deg: how far the heel is above the toe; NaN where not well seen."""
    frames = len(track.time_s)
    if track.heel_toe_px is None or track.heel_toe_visibility is None:
        return np.full(frames, np.nan), np.full(frames, np.nan)
    points = track.keypoints_px
    shoulder, hip = _middle_of(points, _SHOULDERS), _middle_of(points, _HIPS)
    trunk = _unit_px(points, np.linalg.norm(shoulder - hip, axis=1))
    heels, toes = track.heel_toe_px[:, :2], track.heel_toe_px[:, 2:]
    along = toes - heels  # (T, 2, 2)
    tilt = np.degrees(np.arctan2(along[..., 1], np.abs(along[..., 0])))
    seen = (
        track.heel_toe_visibility.reshape(frames, 2, 2).min(axis=1) >= FOOT_SEEN
    )
    long = np.linalg.norm(along, axis=2) >= SHORTEST_FOOT * trunk
    tilt = np.where(seen & long, tilt, np.nan)
    return tilt[:, 0], tilt[:, 1]


def centre_in_picture(points: Array) -> Array:
    """(T, 2) about the centre of mass: the middles of trunk and legs by their mass, head and arms at the shoulders.

    Shares of the body's mass: Dumas 2007 (physics/dumas_bsip.py), rounded.
    """
    shoulder, hip, knee, ankle = (
        _middle_of(points, pair)
        for pair in (_SHOULDERS, _HIPS, _KNEES, _ANKLES)
    )
    trunk, thighs, shanks = (
        (shoulder + hip) / 2,
        (hip + knee) / 2,
        (knee + ankle) / 2,
    )
    return np.asarray(
        0.17 * shoulder + 0.47 * trunk + 0.24 * thighs + 0.12 * shanks
    )


def rests_on_more_than_feet(track: PoseTrack) -> bool:
    """Whether feet alone cannot carry the body, half of the time: its centre is not over them, or the hips are as low.

    Of a body that is seen along the line from the feet to the centre, only the hips' height tells it.
    """
    points = track.keypoints_px
    hip, ankle = _middle_of(points, _HIPS), _middle_of(points, _ANKLES)
    trunk = body_size_px(points)  # frame by frame: who comes nearer grows
    centre_x, feet_x = centre_in_picture(points)[:, 0], points[:, _ANKLES, 0]
    beyond = (
        np.maximum(feet_x.min(axis=1) - centre_x, centre_x - feet_x.max(axis=1))
        / trunk
    )
    level = np.abs(ankle - hip)[:, 1] / trunk
    return _percentile(beyond, 50) > BEYOND_FEET or _percentile(level, 50) < LOW


def picture_features(track: PoseTrack) -> dict[str, float]:
    """Features `pic_*` of a track: shares of the trunk and degrees in the picture; NaN where not seen.

    One piece because it is a table: a feature a row, over the places of the joints that many rows share.
    """
    points = track.keypoints_px
    shoulder, wrist, hip, knee, ankle = (
        _middle_of(points, pair)
        for pair in (_SHOULDERS, _WRISTS, _HIPS, _KNEES, _ANKLES)
    )
    trunk = _unit_px(points, np.linalg.norm(shoulder - hip, axis=1))
    upright = (hip - shoulder)[:, 1] / trunk
    wrist_up = (shoulder - wrist)[:, 1] / trunk
    apart = np.linalg.norm(points[:, 15] - points[:, 16], axis=1) / trunk
    wrist_over_ankle = (ankle - wrist)[:, 1] / trunk
    return {
        **_limb_angle_features(points),
        **_posture_features(shoulder, hip, ankle),
        **_change_features(points, trunk, track.time_s),
        **_side_features(points, trunk),
        **_stride_features(points, track.time_s),
        **_nearing_features(points, track.time_s),
        "pic_rests": float(rests_on_more_than_feet(track)),
        "pic_lean_at_floor": _lean_at_the_floor(
            _from_vertical(hip, shoulder), wrist_over_ankle
        ),
        "pic_shoulder_width": _percentile(
            np.abs(points[:, 5, 0] - points[:, 6, 0]) / trunk, 50
        ),
        "pic_wrist_up_low": _percentile(wrist_up, 5),
        "pic_wrist_over_ankle_low": _percentile(wrist_over_ankle, 5),
        "pic_shoulder_y": _spread(shoulder[:, 1] / trunk),
        "pic_hip_y": _spread(hip[:, 1] / trunk),
        "pic_wrist_y": _spread(wrist[:, 1] / trunk),
        "pic_hand_up_high": _percentile(_higher_hand(points) / trunk, 95),
        "pic_shoulder_of_hip": _spread(shoulder[:, 1])
        / max(_spread(hip[:, 1]), 1e-9),
        "pic_wrist_of_shoulder": _spread(wrist[:, 1])
        / max(_spread(shoulder[:, 1]), 1e-9),
        "pic_upright": _percentile(upright, 50),
        "pic_upright_low": _percentile(upright, 5),
        "pic_hip_over_knee_low": _percentile((knee - hip)[:, 1] / trunk, 5),
        "pic_wrist_up": _percentile(wrist_up, 50),
        "pic_wrist_up_high": _percentile(wrist_up, 95),
        "pic_knee_angle_range": _larger_spread(_angles(points, "knee")),
        "pic_knee_range": _limb_range(points, 11, 13, 15),
        "pic_elbow_range": _limb_range(points, 5, 7, 9),
        "pic_elbow_angle_range": _larger_spread(_angles(points, "elbow")),
        "pic_arm_range": _larger_spread(_angles(points, "arm")),
        "pic_hands_way": _way_of(points, _WRISTS) / trunk,
        "pic_feet_way": _way_of(points, _ANKLES) / trunk,
        "pic_hands_out": _percentile(
            places_in_picture(track)["hands_apart"], 95
        ),
        "pic_feet_x": _spread(ankle[:, 0] / trunk),
        "pic_feet_y": _spread(ankle[:, 1] / trunk),
        "pic_feet_apart_range": _spread(apart),
    }
