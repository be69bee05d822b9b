"""Gradient of the inverse dynamics: the reverse of `newton_euler`, derived by hand, on the same blocks.

Given g = d loss / d tau, a bar marks the gradient with respect to a quantity. The way out to the hands and feet turns g
into the gradients of the forces (like velocities: N_bar adds up axes times g, F_bar is carried by levers); the way back
collects those of the motion. Rotations need no 3 x 3 gradients: whatever turns with a joint, a vector v with gradient
v_bar, feels the "moment" v x v_bar, and the gradient of the joint angle is the sum of these moments about its axis.
Each block names the forward equation that it reverses; rules: y . (a x b) = a . (b x y) = b . (y x a).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from musclepose.benchmark.kernels.layout import (
    LANES,
    RECORD,
    ROW,
)
from musclepose.benchmark.kernels.newton_euler import (
    P_AL,
    P_W,
    P_X,
    P_Y,
    P_Z,
    S_A,
    S_ACC,
    S_AL,
    S_F,
    S_LEVER,
    S_N,
    S_RATE,
    S_TAU,
    S_UX,
    S_W,
    S_X,
    S_Y,
    S_Z,
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

_G = ("G_F", "G_N", "G_W", "G_AL", "G_A", "G_D", "G_ROT")
PG_F, PG_N, PG_W, PG_AL, PG_A, PG_D, PG_ROT = (ROW[k] * LANES for k in _G)
SG_F, SG_N, SG_W, SG_AL, SG_A, SG_D, SG_ROT = (
    RECORD + ROW[k] * LANES for k in _G
)
# Gradients of a joint's angle, rate and acceleration take rows that the way back needs no longer.
S_G_ANGLE, S_G_RATE, S_G_ACC = (
    RECORD + ROW[k] * LANES for k in ("UX", "LEVER", "COS")
)
D, FE = ROW["D"] * LANES, ROW["FE"] * LANES


@njit(fastmath=FAST)
def force_gradient(V: np.ndarray) -> None:
    """tau_k = u_k . N_s;  N_p += N_s + r x F_s;  F_p += F_s."""
    for i in range(LANES):
        g, n_bar = load(V, S_TAU + i), load(V, PG_N + i)
        store(
            V,
            SG_F + i,
            add(load(V, PG_F + i), cross(n_bar, load(V, S_LEVER + i))),
        )
        n_bar = add_scaled(
            add_scaled(n_bar, g[0], load(V, P_Z + i)), g[1], load(V, S_UX + i)
        )
        store(V, SG_N + i, add_scaled(n_bar, g[2], load(V, S_Y + i)))


@njit(fastmath=FAST)
def load_gradient(
    V: np.ndarray,
    m: float,
    com: Vec,
    I: tuple[float, float, float, float, float, float],
    body: np.ndarray,
    wanted: bool,
) -> None:
    """f = m a_com,  N = R (I al + w x I w) + c x f, reversed; gradients of m, com, I join body (13 * LANES,).

    One piece because it is one loop over lanes, which the compiler turns into vector instructions.
    """
    for i in range(LANES):
        X, Y, Z = load(V, S_X + i), load(V, S_Y + i), load(V, S_Z + i)
        w, al, n_bar = load(V, S_W + i), load(V, S_AL + i), load(V, SG_N + i)
        c = rotate(X, Y, Z, com)
        swing = cross(w, c)
        a_com = add(load(V, S_A + i), add(cross(al, c), cross(w, swing)))
        # N += c x f
        f_bar = add(load(V, SG_F + i), cross(n_bar, c))
        c_bar = scale(m, cross(a_com, n_bar))
        # f = m (a + al x c + w x (w x c))
        y = scale(m, f_bar)
        swing_bar = cross(y, w)
        c_bar = add(c_bar, add(cross(y, al), cross(swing_bar, w)))
        w_bar = add(cross(swing, y), cross(c, swing_bar))
        al_bar = cross(c, y)
        accumulate(V, SG_A + i, y)
        # n = I al_b + w_b x I w_b in segment axes, al_b = R^T al, w_b = R^T w
        w_b, al_b, n_b_bar = (
            rotate_back(X, Y, Z, w),
            rotate_back(X, Y, Z, al),
            rotate_back(X, Y, Z, n_bar),
        )
        h = times_inertia(I, w_b)
        n_b = add(times_inertia(I, al_b), cross(w_b, h))
        h_bar = cross(n_b_bar, w_b)
        al_b_bar = times_inertia(I, n_b_bar)
        w_b_bar = add(cross(h, n_b_bar), times_inertia(I, h_bar))
        accumulate(V, SG_W + i, add(w_bar, rotate(X, Y, Z, w_b_bar)))
        accumulate(V, SG_AL + i, add(al_bar, rotate(X, Y, Z, al_b_bar)))
        # moments of what turns with the segment: n with n_bar and, against it, al and w in its axes; c with c_bar
        turn = sub(
            sub(cross(n_b, n_b_bar), cross(al_b, al_b_bar)), cross(w_b, w_b_bar)
        )
        accumulate(V, SG_ROT + i, add(rotate(X, Y, Z, turn), cross(c, c_bar)))
        if wanted:
            body[3 * LANES + i] += dot(f_bar, a_com)
            accumulate(body, 4 * LANES + i, rotate_back(X, Y, Z, c_bar))
            for k in range(3):
                body[(7 + k) * LANES + i] += (
                    n_b_bar[k] * al_b[k] + h_bar[k] * w_b[k]
                )
            body[10 * LANES + i] += (
                n_b_bar[0] * al_b[1]
                + n_b_bar[1] * al_b[0]
                + h_bar[0] * w_b[1]
                + h_bar[1] * w_b[0]
            )
            body[11 * LANES + i] += (
                n_b_bar[0] * al_b[2]
                + n_b_bar[2] * al_b[0]
                + h_bar[0] * w_b[2]
                + h_bar[2] * w_b[0]
            )
            body[12 * LANES + i] += (
                n_b_bar[1] * al_b[2]
                + n_b_bar[2] * al_b[1]
                + h_bar[1] * w_b[2]
                + h_bar[2] * w_b[1]
            )


@njit(fastmath=FAST)
def move_gradient(V: np.ndarray, body: np.ndarray, wanted: bool) -> None:
    """The joint and the lever, reversed: gradients of angle, rate, acceleration, offset, and of the parent's motion.

    One piece because it is one loop over lanes, which the compiler turns into vector instructions.
    """
    for i in range(LANES):
        w0, al0 = load(V, P_W + i), load(V, P_AL + i)
        uz, ux, uy = load(V, P_Z + i), load(V, S_UX + i), load(V, S_Y + i)
        rate, acc, g = (
            load(V, S_RATE + i),
            load(V, S_ACC + i),
            load(V, S_TAU + i),
        )
        w1 = add_scaled(w0, rate[0], uz)
        w2 = add_scaled(w1, rate[1], ux)
        n, n_bar = load(V, S_N + i), load(V, PG_N + i)
        w_bar, al_bar, turn = (
            load(V, SG_W + i),
            load(V, SG_AL + i),
            load(V, SG_ROT + i),
        )
        # per axis: tau = u . N;  w' = w + u rate;  al' = al + u acc + (w x u) rate
        v2, v1, v0 = cross(w2, uy), cross(w1, ux), cross(w0, uz)
        angle2, rate2 = dot(uy, turn), dot(al_bar, v2) + dot(uy, w_bar)
        u_bar = add(
            add_scaled(scale(g[2], n), acc[2], al_bar),
            scale(rate[2], add(cross(al_bar, w2), w_bar)),
        )
        turn = add(turn, cross(uy, u_bar))
        w_bar = add_scaled(w_bar, rate[2], cross(uy, al_bar))
        angle1, rate1 = dot(ux, turn), dot(al_bar, v1) + dot(ux, w_bar)
        u_bar = add(
            add_scaled(scale(g[1], n), acc[1], al_bar),
            scale(rate[1], add(cross(al_bar, w1), w_bar)),
        )
        turn = add(turn, cross(ux, u_bar))
        w_bar = add_scaled(w_bar, rate[1], cross(ux, al_bar))
        angle0, rate0 = dot(uz, turn), dot(al_bar, v0) + dot(uz, w_bar)
        u_bar = add(
            add_scaled(scale(g[0], n), acc[0], al_bar),
            scale(rate[0], add(cross(al_bar, w0), w_bar)),
        )
        turn = add(turn, cross(uz, u_bar))
        w_bar = add_scaled(w_bar, rate[0], cross(uz, al_bar))
        # a_s = a_p + al_p x r + w_p x (w_p x r);  d_s = d_p + r;  N_p += r x F_s
        r, y, d_bar = load(V, S_LEVER + i), load(V, SG_A + i), load(V, SG_D + i)
        swing_bar = cross(y, w0)
        r_bar = add(
            add(cross(y, al0), cross(swing_bar, w0)),
            add(d_bar, cross(load(V, S_F + i), n_bar)),
        )
        w_bar = add(w_bar, add(cross(cross(w0, r), y), cross(r, swing_bar)))
        accumulate(V, PG_A + i, y)
        accumulate(V, PG_D + i, d_bar)
        accumulate(V, PG_W + i, w_bar)
        accumulate(V, PG_AL + i, add(al_bar, cross(r, y)))
        accumulate(V, PG_ROT + i, add(turn, cross(r, r_bar)))
        if wanted:
            accumulate(
                body,
                i,
                rotate_back(load(V, P_X + i), load(V, P_Y + i), uz, r_bar),
            )
        store(V, S_G_ANGLE + i, (angle0, angle1, angle2))
        store(V, S_G_RATE + i, (rate0, rate1, rate2))
        store(
            V, S_G_ACC + i, (dot(uz, al_bar), dot(ux, al_bar), dot(uy, al_bar))
        )


@njit(fastmath=FAST)
def act_gradient(
    V: np.ndarray,
    at: int,
    force_bar: np.ndarray,
    moment_bar: np.ndarray,
    first: int,
    frames: int,
) -> None:
    """N += d x f_e - m_e;  F -= f_e, reversed: gradients of f_e and m_e (frames, 3), and of d."""
    for i in range(LANES):
        n_bar, f_e = load(V, at + PG_N + i), load(V, at + FE + i)
        accumulate(V, at + PG_D + i, cross(f_e, n_bar))
        f_bar = sub(cross(n_bar, load(V, at + D + i)), load(V, at + PG_F + i))
        if i < frames:
            for k in range(3):
                force_bar[first + i, k] = f_bar[k]
                moment_bar[first + i, k] = -n_bar[k]
