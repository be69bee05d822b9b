"""Recursive Newton-Euler on a block of frames: out to the hands and feet with the motion, back with the forces.

Same equations and world axes as `segment_motion` and `inverse_dynamics`; positions count from the root's origin.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from musclepose.benchmark.kernels.layout import (
    LANES,
    RECORD,
    ROW,
)
from musclepose.benchmark.kernels.vectors import (
    FAST,
    Vec,
    accumulate,
    add,
    add_scaled,
    cross,
    dot,
    load,
    rotate,
    rotate_back,
    scale,
    store,
    sub,
    times_inertia,
)

# Rows of the parent (P_) and of the segment itself (S_) in a slice of two records.
P_X, P_Y, P_Z, P_W, P_AL, P_A, P_D, P_F, P_N = (
    ROW[k] * LANES for k in ("X", "Y", "Z", "W", "AL", "A", "D", "F", "N")
)
S_X, S_Y, S_Z, S_W, S_AL, S_A, S_D, S_F, S_N = (
    RECORD + p for p in (P_X, P_Y, P_Z, P_W, P_AL, P_A, P_D, P_F, P_N)
)
S_LEVER, S_UX, S_SIN, S_COS, S_RATE, S_ACC, S_TAU = (
    RECORD + ROW[k] * LANES
    for k in ("LEVER", "UX", "SIN", "COS", "RATE", "ACC", "TAU")
)
FE = ROW["FE"] * LANES

# sin and cos on [-pi/4, pi/4] (fdlibm kernels), and pi/2 in three parts (Cody and Waite); good to |angle| < 1e5 rad.
SINCOS = np.array([
    0.6366197723675814, 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21,
    -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
    2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
    4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
    -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
    1.0, 0.5, 2.0, 0.25,
])  # fmt: skip


@njit(fastmath=FAST)
def sines(V: np.ndarray, k: np.ndarray) -> None:
    """SIN and COS rows of the segment from the angles in its SIN rows; `k` is SINCOS in the type of V.

    One piece because it is two polynomials and the quarter turn that they are for.
    """
    two_over_pi, a, b, c = k[0], k[1], k[2], k[3]
    s0, s1, s2, s3, s4, s5 = k[4], k[5], k[6], k[7], k[8], k[9]
    c0, c1, c2, c3, c4, c5 = k[10], k[11], k[12], k[13], k[14], k[15]
    one, half, two, quarter = k[16], k[17], k[18], k[19]
    for i in range(3 * LANES):
        angle = V[S_SIN + i]
        turns = np.floor(angle * two_over_pi + half)  # quarter turns
        r = ((angle - turns * a) - turns * b) - turns * c
        z = r * r
        sine = r + r * z * (
            s0 + z * (s1 + z * (s2 + z * (s3 + z * (s4 + z * s5))))
        )
        cosine = (
            one
            - half * z
            + z * z * (c0 + z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * c5)))))
        )
        odd = turns - two * np.floor(turns * half)
        upper = two * np.floor(turns * half) - two * two * np.floor(
            turns * quarter
        )  # 0 or 2: the half turn it is in
        sign_sin = one - upper
        sign_cos = sign_sin * (one - two * odd)
        V[S_SIN + i] = sign_sin * (sine + odd * (cosine - sine))
        V[S_COS + i] = sign_cos * (cosine + odd * (sine - cosine))


@njit(fastmath=FAST)
def move(V: np.ndarray, o: Vec) -> None:
    """Pose, velocity and acceleration of the segment from its parent's; `o` is its joint in the parent's frame.

    One piece because it is one loop over lanes, which the compiler turns into vector instructions.
    """
    for i in range(LANES):
        X, Y, Z = load(V, P_X + i), load(V, P_Y + i), load(V, P_Z + i)
        w, al = load(V, P_W + i), load(V, P_AL + i)
        rate, acc = load(V, S_RATE + i), load(V, S_ACC + i)
        sin, cos = load(V, S_SIN + i), load(V, S_COS + i)
        # a_s = a_p + alpha_p x r + omega_p x (omega_p x r)
        r = rotate(X, Y, Z, o)
        store(V, S_LEVER + i, r)
        store(V, S_D + i, add(load(V, P_D + i), r))
        store(
            V,
            S_A + i,
            add(load(V, P_A + i), add(cross(al, r), cross(w, cross(w, r)))),
        )
        # for each axis u in turn: alpha += u acc + (omega x u) rate, omega += u rate, and the columns of R turn about u
        al = add_scaled(add_scaled(al, acc[0], Z), rate[0], cross(w, Z))
        w = add_scaled(w, rate[0], Z)
        X, Y = (
            add_scaled(scale(cos[0], X), sin[0], Y),
            add_scaled(scale(cos[0], Y), -sin[0], X),
        )
        store(V, S_UX + i, X)
        al = add_scaled(add_scaled(al, acc[1], X), rate[1], cross(w, X))
        w = add_scaled(w, rate[1], X)
        Y, Z = (
            add_scaled(scale(cos[1], Y), sin[1], Z),
            add_scaled(scale(cos[1], Z), -sin[1], Y),
        )
        al = add_scaled(add_scaled(al, acc[2], Y), rate[2], cross(w, Y))
        w = add_scaled(w, rate[2], Y)
        X, Z = (
            add_scaled(scale(cos[2], X), -sin[2], Z),
            add_scaled(scale(cos[2], Z), sin[2], X),
        )
        store(V, S_X + i, X)
        store(V, S_Y + i, Y)
        store(V, S_Z + i, Z)
        store(V, S_W + i, w)
        store(V, S_AL + i, al)


@njit(fastmath=FAST)
def load_segment(
    V: np.ndarray,
    m: float,
    com: Vec,
    I: tuple[float, float, float, float, float, float],
) -> None:
    """F = m a_com and N = I alpha + omega x I omega + c x F about the segment's origin."""
    for i in range(LANES):
        X, Y, Z = load(V, S_X + i), load(V, S_Y + i), load(V, S_Z + i)
        w, al = load(V, S_W + i), load(V, S_AL + i)
        c = rotate(X, Y, Z, com)
        f = scale(
            m, add(load(V, S_A + i), add(cross(al, c), cross(w, cross(w, c))))
        )
        spin = rotate_back(X, Y, Z, w)
        n = add(
            times_inertia(I, rotate_back(X, Y, Z, al)),
            cross(spin, times_inertia(I, spin)),
        )
        store(V, S_F + i, f)
        store(V, S_N + i, add(rotate(X, Y, Z, n), cross(c, f)))


@njit(fastmath=FAST)
def hand_on(V: np.ndarray) -> None:
    """The segment's load joins its parent's: F_p += F, N_p += N + r x F."""
    for i in range(LANES):
        f = load(V, S_F + i)
        accumulate(V, P_F + i, f)
        accumulate(
            V, P_N + i, add(load(V, S_N + i), cross(load(V, S_LEVER + i), f))
        )


@njit(fastmath=FAST)
def project(V: np.ndarray) -> None:
    """Torque about the three joint axes."""
    for i in range(LANES):
        n = load(V, S_N + i)
        store(
            V,
            S_TAU + i,
            (
                dot(load(V, P_Z + i), n),
                dot(load(V, S_UX + i), n),
                dot(load(V, S_Y + i), n),
            ),
        )


@njit(fastmath=FAST)
def act(
    V: np.ndarray,
    at: int,
    force: np.ndarray,
    moment: np.ndarray,
    first: int,
    frames: int,
) -> None:
    """Take an external force and its moment about the root's origin (frames, 3) off the segment's own load."""
    for i in range(LANES):
        n = first + min(i, frames - 1)
        f = (force[n, 0], force[n, 1], force[n, 2])
        store(V, at + FE + i, f)
        accumulate(V, at + P_F + i, (-f[0], -f[1], -f[2]))
        accumulate(
            V,
            at + P_N + i,
            sub(
                cross(load(V, at + P_D + i), f),
                (moment[n, 0], moment[n, 1], moment[n, 2]),
            ),
        )
