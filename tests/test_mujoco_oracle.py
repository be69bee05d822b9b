"""MuJoCo and Pinocchio, built from the same body, attribute by attribute: the first failure names the slip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from bodies import (
    Body,
    average_body,
    random_body,
    random_motion,
    random_wrenches,
)

from musclepose.physics.body_dynamics import center_of_mass, energy, mass_matrix
from musclepose.physics.inverse_dynamics import bias_force, inverse_dynamics
from musclepose.physics.kinematics import forward_kinematics
from musclepose.physics.segment_motion import segment_motion
from musclepose.physics.skeleton47 import N_DOF, PARENTS

mujoco = pytest.importorskip("mujoco")

# Both sides work in float64 and agree to 1e-12; the limit of the project's definition of done is 1e-6.
TOLERANCE = 1e-10


class Scene(NamedTuple):
    body: Body
    model: Any
    data: Any
    q: torch.Tensor
    qdot: torch.Tensor
    qddot: torch.Tensor


def _scenes() -> Iterator[Scene]:
    for seed, body in enumerate(
        (
            average_body("male"),
            average_body("female"),
            random_body(1),
            random_body(2, sex="male"),
        )
    ):
        from musclepose.physics.engines import mujoco_model

        model = mujoco_model(*body)
        q, qdot, qddot = random_motion(seed)
        data = mujoco.MjData(model)
        data.qpos, data.qvel, data.qacc = q.numpy(), qdot.numpy(), qddot.numpy()
        mujoco.mj_inverse(model, data)
        yield Scene(body, model, data, q, qdot, qddot)


@pytest.fixture(scope="module", params=range(4))
def scene(request: pytest.FixtureRequest) -> Scene:
    return list(_scenes())[request.param]


def close(
    ours: torch.Tensor, theirs: np.ndarray, tolerance: float = TOLERANCE
) -> None:
    theirs = np.asarray(theirs)
    error = np.abs(ours.numpy() - theirs).max() / max(1.0, np.abs(theirs).max())
    assert error <= tolerance, f"relative error {error:.3g}"


def test_same_tree(scene: Scene) -> None:
    assert scene.model.nq == scene.model.nv == N_DOF
    assert tuple(scene.model.body_parentid[1:] - 1) == PARENTS
    close(scene.body.inertia.mass, scene.model.body_mass[1:])


def test_segment_origins(scene: Scene) -> None:
    close(
        forward_kinematics(scene.q, scene.body.lengths_m).p_world_seg,
        scene.data.xpos[1:],
    )


def test_segment_rotations(scene: Scene) -> None:
    close(
        forward_kinematics(scene.q, scene.body.lengths_m).R_world_seg,
        scene.data.xmat[1:].reshape(-1, 3, 3),
    )


def test_centres_of_mass(scene: Scene) -> None:
    motion = segment_motion(
        scene.q,
        scene.qdot,
        scene.qddot,
        scene.body.lengths_m,
        scene.body.inertia.com,
    )
    close(motion.p_world_com, scene.data.xipos[1:])
    pose = forward_kinematics(scene.q, scene.body.lengths_m)
    close(center_of_mass(pose, scene.body.inertia), scene.data.subtree_com[1])


def test_energy(scene: Scene) -> None:
    motion = segment_motion(
        scene.q,
        scene.qdot,
        scene.qddot,
        scene.body.lengths_m,
        scene.body.inertia.com,
    )
    mujoco.mj_energyPos(scene.model, scene.data)
    mujoco.mj_energyVel(scene.model, scene.data)
    ours = energy(motion, scene.body.inertia)
    close(torch.stack((ours.potential_j, ours.kinetic_j)), scene.data.energy)


def test_mass_matrix(scene: Scene) -> None:
    theirs = np.zeros((N_DOF, N_DOF))
    mujoco.mj_fullM(scene.model, scene.data, theirs)
    close(
        mass_matrix(scene.q, scene.body.lengths_m, scene.body.inertia), theirs
    )


def test_bias_force(scene: Scene) -> None:
    close(
        bias_force(
            scene.q, scene.qdot, scene.body.lengths_m, scene.body.inertia
        ),
        scene.data.qfrc_bias,
    )


def test_torque(scene: Scene) -> None:
    ours = inverse_dynamics(
        scene.q,
        scene.qdot,
        scene.qddot,
        scene.body.lengths_m,
        scene.body.inertia,
    )
    close(ours, scene.data.qfrc_inverse)


def test_torque_with_wrenches(scene: Scene) -> None:
    wrenches = random_wrenches(0)
    ours = inverse_dynamics(
        scene.q,
        scene.qdot,
        scene.qddot,
        scene.body.lengths_m,
        scene.body.inertia,
        wrenches,
    )
    external = np.zeros(N_DOF)
    for k, segment in enumerate(wrenches.segments):
        force, point, moment = (x[k].numpy() for x in wrenches[:3])
        mujoco.mj_applyFT(
            scene.model, scene.data, force, moment, point, segment + 1, external
        )
    close(ours, scene.data.qfrc_inverse - external)


def test_forward_dynamics_then_inverse(scene: Scene) -> None:
    """MuJoCo accelerates the body under known torques; our inverse dynamics gives the torques back."""
    tau = 40.0 * np.random.default_rng(0).standard_normal(N_DOF)
    data = mujoco.MjData(scene.model)
    data.qpos, data.qvel, data.qfrc_applied = (
        scene.q.numpy(),
        scene.qdot.numpy(),
        tau,
    )
    mujoco.mj_forward(scene.model, data)
    ours = inverse_dynamics(
        scene.q,
        scene.qdot,
        torch.from_numpy(data.qacc.copy()),
        scene.body.lengths_m,
        scene.body.inertia,
    )
    # The accelerations reach 1e5 rad/s^2 (a hand weighs 0.4 kg), so the round trip loses some digits.
    close(ours, tau, tolerance=1e-7)


def test_pinocchio_torque(scene: Scene) -> None:
    pin = pytest.importorskip("pinocchio")
    from musclepose.physics.engines import pinocchio_model

    model, sign = pinocchio_model(*scene.body)
    q, qdot, qddot = (
        sign * x.numpy() for x in (scene.q, scene.qdot, scene.qddot)
    )
    ours = inverse_dynamics(
        scene.q,
        scene.qdot,
        scene.qddot,
        scene.body.lengths_m,
        scene.body.inertia,
    )
    close(ours, sign * pin.rnea(model, model.createData(), q, qdot, qddot))
