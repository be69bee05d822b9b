"""The joint table, its signs and its geometry; forward kinematics; closed-form Jacobians of the ZXY joints."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from bodies import F64, average_body, random_body, random_motion
from finite_difference import assert_jacobian, numerical_jacobian

from musclepose.physics.euler_jacobian import (
    angular_acceleration,
    angular_velocity,
    zxy_jacobian,
    zxy_jacobian_rate,
)
from musclepose.physics.kinematics import (
    forward_kinematics,
    keypoints_coco,
    sole_points,
)
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import (
    COCO17,
    COCO17_MIRROR,
    DOF_INDEX,
    DOFS,
    N_DOF,
    PARENTS,
    SEGMENTS,
    limits,
    mirror_index,
)
from musclepose.utils.rot import matrix_from_zxy

MIRROR = torch.diag(torch.tensor([1.0, 1.0, -1.0], dtype=F64))


def _mirrored_segments() -> list[int]:
    swap = {"_l": "_r", "_r": "_l"}
    return [
        SEGMENTS.index(n[:-2] + swap[n[-2:]] if n[-2:] in swap else n)
        for n in SEGMENTS
    ]


def test_table() -> None:
    assert len(DOFS) == N_DOF == 47
    assert all(0 <= p < s for s, p in enumerate(PARENTS) if s), (
        "parents come before their children"
    )
    lower, upper = limits()
    assert (lower < upper).all()
    index, sign = mirror_index()
    np.testing.assert_array_equal(index[index], np.arange(N_DOF))
    np.testing.assert_array_equal(sign[index] * sign, np.ones(N_DOF))
    np.testing.assert_array_equal(
        lower[6:], (sign * np.where(sign > 0, lower[index], upper[index]))[6:]
    )


def test_zero_pose_stands_upright() -> None:
    body = average_body(stature_m=1.80)
    pose = forward_kinematics(torch.zeros(N_DOF, dtype=F64), body.lengths_m)
    top = pose.p_world_seg[SEGMENTS.index("head"), 1] + body.lengths_m[4]
    assert top - sole_points(pose, body.lengths_m)[
        ..., 1
    ].min() == pytest.approx(1.80, abs=1e-12)


@pytest.mark.parametrize(
    ("dof", "point", "direction"),
    [
        ("hip_flexion_r", "right_knee", (1, 0, 0)),
        ("hip_flexion_l", "left_knee", (1, 0, 0)),
        ("hip_adduction_r", "right_knee", (0, 0, -1)),
        ("hip_adduction_l", "left_knee", (0, 0, 1)),
        ("knee_flexion_r", "right_ankle", (-1, 0, 0)),
        ("knee_flexion_l", "left_ankle", (-1, 0, 0)),
        ("shoulder_flexion_l", "left_elbow", (1, 0, 0)),
        ("shoulder_adduction_l", "left_elbow", (0, 0, 1)),
        ("shoulder_adduction_r", "right_elbow", (0, 0, -1)),
        ("elbow_flexion_r", "right_wrist", (1, 0, 0)),
        ("lumbar_flexion", "nose", (1, 0, 0)),
        ("neck_flexion", "nose", (0, -1, 0)),
        ("scapula_elevation_l", "left_shoulder", (0, 1, 0)),
        ("scapula_elevation_r", "right_shoulder", (0, 1, 0)),
    ],
)
def test_positive_angle_moves(
    dof: str, point: str, direction: tuple[int, int, int]
) -> None:
    """Flexion, adduction and elevation are positive on both sides: the point moves the way anatomy says."""
    body = average_body()
    q = torch.zeros(N_DOF, dtype=F64)
    q[DOF_INDEX[dof]] = 0.2
    before = keypoints_coco(
        forward_kinematics(torch.zeros_like(q), body.lengths_m), body.lengths_m
    )
    after = keypoints_coco(
        forward_kinematics(q, body.lengths_m), body.lengths_m
    )
    moved = (after - before)[COCO17.index(point)]
    assert moved @ torch.tensor(direction, dtype=F64) > 0.01


def test_mirrored_pose_is_the_mirror_image() -> None:
    body = average_body()
    q = random_motion(3, 5)[0]
    index, sign = mirror_index()
    twin = torch.from_numpy(sign) * q[:, index]
    points = keypoints_coco(
        forward_kinematics(q, body.lengths_m), body.lengths_m
    )
    mirrored = keypoints_coco(
        forward_kinematics(twin, body.lengths_m), body.lengths_m
    )
    torch.testing.assert_close(
        mirrored, (points @ MIRROR)[:, list(COCO17_MIRROR)]
    )
    swap = _mirrored_segments()
    R, R_twin = (
        forward_kinematics(x, body.lengths_m).R_world_seg for x in (q, twin)
    )
    torch.testing.assert_close(R_twin, (MIRROR @ R @ MIRROR)[:, swap])


def _unskew(W: torch.Tensor) -> torch.Tensor:
    return torch.stack((W[..., 2, 1], W[..., 0, 2], W[..., 1, 0]), -1)


def test_zxy_jacobian_against_finite_differences_of_the_rotation() -> None:
    angles = random_motion(1)[0][:3]
    dR = numerical_jacobian(lambda a: matrix_from_zxy(a[0], a[1], a[2]), angles)
    R = matrix_from_zxy(angles[0], angles[1], angles[2])
    columns = torch.stack([_unskew(dR[..., k] @ R.T) for k in range(3)], -1)
    torch.testing.assert_close(
        zxy_jacobian(angles[0], angles[1]), columns, atol=1e-8, rtol=0
    )


def test_zxy_jacobian_rate_against_finite_differences() -> None:
    motion = random_motion(2)
    angles, rates, accelerations = (x[:3] for x in motion)

    def at(t: torch.Tensor) -> torch.Tensor:
        a = angles + rates * t
        return zxy_jacobian(a[0], a[1])

    analytic = zxy_jacobian_rate(angles[0], angles[1], rates[0], rates[1])
    assert_jacobian(analytic, at, torch.zeros((), dtype=F64))

    def omega(t: torch.Tensor) -> torch.Tensor:
        return angular_velocity(
            angles + rates * t + 0.5 * accelerations * t**2,
            rates + accelerations * t,
        )

    assert_jacobian(
        angular_acceleration(angles, rates, accelerations),
        omega,
        torch.zeros((), dtype=F64),
    )


def test_segment_motion_is_the_time_derivative_of_forward_kinematics() -> None:
    body = random_body(4)
    q, qdot, qddot = random_motion(5)
    motion = segment_motion(q, qdot, qddot, body.lengths_m, body.inertia.com)

    def at(t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return q + qdot * t + 0.5 * qddot * t**2, qdot + qddot * t

    def com(t: torch.Tensor) -> torch.Tensor:
        R, p = forward_kinematics(at(t)[0], body.lengths_m)
        return p + (R @ body.inertia.com[..., None])[..., 0]

    def velocities(t: torch.Tensor) -> torch.Tensor:
        m = segment_motion(*at(t), qddot, body.lengths_m, body.inertia.com)
        return torch.cat((m.v_world_com, m.omega_world))

    zero = torch.zeros((), dtype=F64)
    assert_jacobian(motion.v_world_com, com, zero)
    assert_jacobian(
        torch.cat((motion.a_world_com, motion.alpha_world)), velocities, zero
    )
    dR = numerical_jacobian(
        lambda t: forward_kinematics(at(t)[0], body.lengths_m).R_world_seg, zero
    )
    torch.testing.assert_close(
        motion.omega_world,
        _unskew(dR @ motion.R_world_seg.mT),
        atol=1e-7,
        rtol=0,
    )
