"""Movements with flight: the centre of mass flies on a parabola, the feet land where they should."""

from __future__ import annotations

import numpy as np
import torch

from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import forward_kinematics
from musclepose.synthesis.exercise.body import Body
from musclepose.synthesis.exercise.draft import (
    SIDE_SIGN,
    TOE_SHARE,
    Context,
    Draft,
    common_faults,
)
from musclepose.synthesis.exercise.solve import Targets, centre_of_mass, solve
from musclepose.synthesis.exercise.timeline import (
    FPS,
    Curve,
    Repetition,
    Timeline,
    ease,
    ramp,
)

TOE_OFF_PITCH_DEG = 46.0
HOP_TAKE_OFF, HOP_LANDING = 0.3, 0.74  # shares of a hop


def _height(body: Body, knee_deg: float) -> float:
    l1 = body.length("thigh")
    l2 = body.length("shank")
    cos_knee = np.cos(np.radians(knee_deg))
    leg = np.sqrt(l1**2 + l2**2 + 2 * l1 * l2 * cos_knee)
    return body.length("ankle_height") + float(leg)


def jump_times(speed_m_s: float, rise_m: float) -> tuple[float, float]:
    """Seconds of the push (constant acceleration over `rise_m`) and of the flight up."""
    push_s = 2.0 * rise_m / speed_m_s
    flight_up_s = speed_m_s / G_M_S2
    return push_s, flight_up_s


def fly(
    targets: Targets, body: Body, spans: list[tuple[float, float]]
) -> Targets:
    """Lift pelvis and feet in each flight (take-off and landing time, s) so that the centre of mass falls freely.

    lift(t) = com(t0) + v t - g t^2 / 2 - com_still(t), with v such that the feet are back on the floor at landing.
    """
    q = solve(targets, body)
    com_still = centre_of_mass(forward_kinematics(q, body.lengths_m), body)[
        :, 1
    ].numpy()
    t = np.arange(len(com_still)) / FPS
    lift = np.zeros(len(com_still))
    for start, end in spans:
        inside = (t > start) & (t < end)
        flown = _free_fall(
            t[inside], start, end, np.interp([start, end], t, com_still)
        )
        lift[inside] = flown - com_still[inside]
        targets.contact[torch.from_numpy(inside)] = 0.0
    lift_m = torch.from_numpy(np.maximum(lift, 0.0))
    # The body shape of the flight stays: the height is now given, not the knees.
    targets.height_m = q[:, 1] + lift_m
    targets.knee_flexion = None
    targets.root_xz_m = q[:, (0, 2)]
    targets.com_xz_m = None
    up = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    targets.ankle_m = targets.ankle_m + lift_m[:, None, None] * up
    return targets


def _free_fall(t: Curve, start: float, end: float, height_m: Curve) -> Curve:
    """Height (m) at times t (s) of what flies from the first of two heights at `start` to the second at `end`."""
    first, last = height_m
    tau = t - start
    span = end - start
    straight = first + (last - first) * tau / span
    return straight + 0.5 * G_M_S2 * tau * (span - tau)


def _jump_pelvis(
    rep: Repetition,
    heights: dict[str, float],
    times: dict[str, float],
    t: Curve,
) -> tuple[Curve, Curve, Curve]:
    """Pelvis height, foot pitch (share) and arm swing (-1 back, 1 up) of one jump at times t (s)."""
    start, apex, end = rep.start / FPS, rep.turn / FPS, rep.end / FPS
    take_off = apex - times["up"]
    land = apex + times["up"]
    push = take_off - times["push"]
    bottom = land + times["absorb"]
    stand, toe_off, low, soft = (
        heights[k] for k in ("stand", "toe_off", "bottom", "soft")
    )
    crouched = ease((t - start) / max(push - start, 0.1))
    pushed = np.clip((t - push) / times["push"], 0, 1)
    absorbed = np.clip((t - land) / times["absorb"], 0, 1)
    risen = ease((t - bottom) / max(end - bottom, 0.1))
    crouching = stand + (low - stand) * crouched
    pushing = low + (toe_off - low) * pushed**2
    landing = soft + (toe_off - soft) * (1 - absorbed) ** 2
    rising = soft + (stand - soft) * risen
    y = np.select(
        [t >= bottom, t >= land, t >= push],
        [rising, landing, pushing],
        crouching,
    )
    pitch = _toe_off(t, take_off, land, times)
    arms = _arm_swing(t, start, push, apex, end)
    return y, pitch, arms


def _toe_off(
    t: Curve, take_off: float, land: float, times: dict[str, float]
) -> Curve:
    """How far the feet point down (0 to 1): up on the toes with the push, down again after landing."""
    on_toes = ramp(t, take_off - 0.45 * times["push"], take_off)
    flat_again = ramp(t, land, land + 0.6 * times["absorb"])
    return on_toes * (1 - flat_again)


def _arm_swing(
    t: Curve, start: float, push: float, apex: float, end: float
) -> Curve:
    """-1 back while the body sinks, 1 up at the top of the flight, 0 at both ends."""
    back = ramp(t, start, push)
    up = ramp(t, push - 0.15, apex)
    down = ramp(t, apex, end)
    return -back + 2 * up - down


def _jump_heights_and_times(
    context: Context,
) -> tuple[dict[str, float], dict[str, float]]:
    """Heights of the pelvis (m) and lengths (s) of the parts of every jump of the clip."""
    body = context.body
    knee = context.draw("knee_bottom_deg", 75, 105) - 30 * context.fault(
        "shallow_depth"
    )
    pitched = np.sin(np.radians(TOE_OFF_PITCH_DEG))
    rise = TOE_SHARE * body.length("foot") * pitched - 0.02
    soft = context.draw("landing_knee_deg", 55, 85) - 30 * context.fault(
        "short_range"
    )
    heights = {
        "stand": _height(body, 6),
        "bottom": _height(body, knee) + 0.01,
        "toe_off": _height(body, 14) + rise,
        "soft": _height(body, soft),
    }
    speed = context.params["speed_m_s"]
    push, up = jump_times(speed, heights["toe_off"] - heights["bottom"])
    absorb = 2 * (heights["toe_off"] - heights["soft"]) / speed
    times = {"push": push, "up": up, "absorb": absorb}
    return heights, times


def _jump_curves(
    timeline: Timeline, heights: dict[str, float], times: dict[str, float]
) -> tuple[Curve, Curve, Curve]:
    """`_jump_pelvis` of all jumps of the clip; between them the athlete stands."""
    T = len(timeline)
    time_s = np.arange(T) / FPS
    curves = np.full(T, heights["stand"]), np.zeros(T), np.zeros(T)
    for rep in timeline.repetitions:
        own = slice(rep.start, rep.end)
        of_one = _jump_pelvis(rep, heights, times, time_s)
        for curve, value in zip(curves, of_one, strict=True):
            curve[own] = value[own]
    return curves


def jump(context: Context) -> Targets:
    """Countermovement jump with arm swing; the turning point is the top of the flight."""
    half_stance_m = context.draw("half_stance_m", 0.09, 0.15)
    toe_out_rad = context.draw_deg("toe_out_deg", 3, 14)
    draft = Draft(context, half_stance_m, toe_out_rad)
    heights, times = _jump_heights_and_times(context)
    y, pitch, swing = _jump_curves(context.timeline, heights, times)
    turns_s = [rep.turn / FPS for rep in context.timeline.repetitions]
    draft.height = y
    draft.pitch += np.radians(TOE_OFF_PITCH_DEG) * pitch[:, None]
    deepest = heights["stand"] - heights["bottom"]
    crouch = np.clip((heights["stand"] - y) / deepest, 0, 1.1)
    lean = context.draw("lean_deg", 28, 42) + 18 * context.fault("forward_lean")
    draft.lean(np.radians(3 + lean * crouch), 0.8)
    # On the toes the centre of mass is over the ball of the foot.
    draft.balance(0.17 + 0.35 * pitch)
    valgus = np.radians(24) * context.fault("knee_valgus")
    draft.valgus(valgus * np.clip(crouch, 0, 1))
    draft.alive(0.6)
    _swing_arms(draft, swing)
    common_faults_only(draft, crouch, ("lateral_shift", "loss_of_balance"))
    flights = [(turn - times["up"], turn + times["up"]) for turn in turns_s]
    return fly(draft.targets(), context.body, flights)


def _swing_arms(draft: Draft, swing: Curve) -> None:
    """Arms back (-1) and up (1), elbows a little bent on the way."""
    reach = draft.context.draw_deg("arm_swing_deg", 70, 150)
    shoulder = np.where(swing < 0, 0.7 * swing, reach * swing)
    elbow = 0.25 * np.abs(swing)
    draft.arm[:, :, 2] += shoulder[:, None]
    draft.arm[:, :, 5] += elbow[:, None]


def common_faults_only(draft: Draft, s: Curve, names: tuple[str, ...]) -> None:
    """`common_faults` with those of the faults that are named."""
    kept = draft.context.faults
    draft.context.faults = {
        name: size for name, size in kept.items() if name in names
    }
    common_faults(draft, s)
    draft.context.faults = kept


def _hops(timeline: Timeline) -> tuple[Curve, Curve, list[tuple[float, float]]]:
    """How far the feet are apart (0 to 1), how deep the knees dip (0 to 1), and start and end (s) of each flight."""
    T = len(timeline)
    opened, dip = np.zeros(T), np.zeros(T)
    flights = []
    for rep in timeline.repetitions:
        for first, last, goes_out in (
            (rep.start, rep.turn, True),
            (rep.turn, rep.end, False),
        ):
            own = slice(first, last)
            frames = last - first
            u = np.clip(np.arange(frames) / frames, 0, 1)
            moved = ramp(u, 0.32, 0.72)
            opened[own] = moved if goes_out else 1 - moved
            push = np.clip(u / HOP_TAKE_OFF, 0, 1)
            land = np.clip((u - HOP_LANDING) / (1 - HOP_LANDING), 0, 1)
            dip[own] = np.sin(np.pi * push) ** 2 + np.sin(np.pi * land) ** 2
            take_off_s = (first + HOP_TAKE_OFF * frames) / FPS
            landing_s = (first + HOP_LANDING * frames) / FPS
            flights.append((take_off_s, landing_s))
    return opened, dip, flights


def jumping_jack(context: Context) -> Targets:
    """Feet hop apart while the arms go up, and together again."""
    shorter = 1 - 0.4 * context.fault("short_range")
    narrow = context.draw("narrow_m", 0.06, 0.10)
    wide = context.draw("wide_m", 0.28, 0.42) * shorter
    draft = Draft(context, narrow, context.draw_deg("toe_out_deg", 4, 14))
    opened, dip, flights = _hops(context.timeline)
    half_stance_m = narrow + (wide - narrow) * opened
    draft.foot[..., 2] = SIDE_SIGN * half_stance_m[:, None]
    dip_deg = context.draw("dip_deg", 14, 26)
    draft.knee = np.radians(12 + dip_deg * dip + 3 * (1 - opened))
    draft.lean(np.radians(4 + 6 * dip), 0.7)
    draft.balance(np.full(len(dip), 0.22))
    draft.valgus(np.radians(16) * context.fault("knee_valgus") * opened)
    draft.alive(0.6)
    top = context.draw("arm_top_deg", 150, 172) * shorter
    arms = np.clip(context.timeline.s, 0, 1)
    draft.set_arm("shoulder_adduction", -np.radians(10 + (top - 10) * arms))
    draft.set_arm("scapula_elevation", 0.4 * arms)
    draft.set_arm("shoulder_rotation", -np.radians(55) * arms)
    if uneven := context.fault("uneven_load"):
        k = int(context.side > 0)
        less = draft.arm[:, k, 3] * (1 - 0.35 * uneven)
        draft.set_arm("shoulder_adduction", less, k)
    return fly(draft.targets(), context.body, flights)
