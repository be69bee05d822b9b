"""Movements with flight: the centre of mass flies on a parabola, the feet land where they should."""

from __future__ import annotations

import numpy as np
import torch

from musclepose.physics.constants import G_M_S2
from musclepose.physics.kinematics import forward_kinematics
from musclepose.synthesis.exercise.body import Body
from musclepose.synthesis.exercise.draft import SIDE_SIGN, TOE_SHARE, Context, Draft, common_faults
from musclepose.synthesis.exercise.solve import Targets, centre_of_mass, solve
from musclepose.synthesis.exercise.timeline import FPS, Curve, Repetition, Timeline, ease, ramp

TOE_OFF_PITCH_DEG = 46.0


def _height(body: Body, knee_deg: float) -> float:
    l1, l2 = body.length("thigh"), body.length("shank")
    return body.length("ankle_height") + float(
        np.sqrt(l1**2 + l2**2 + 2 * l1 * l2 * np.cos(np.radians(knee_deg)))
    )


def jump_times(speed_m_s: float, rise_m: float) -> tuple[float, float]:
    """Seconds of the push (constant acceleration over `rise_m`) and of the flight up."""
    return 2.0 * rise_m / speed_m_s, speed_m_s / G_M_S2


def fly(targets: Targets, body: Body, spans: list[tuple[float, float]]) -> Targets:
    """Lift pelvis and feet in each flight (take-off and landing time, s) so that the centre of mass falls freely.

    lift(t) = com(t0) + v t - g t^2 / 2 - com_still(t), with v such that the feet are back on the floor at landing.
    """
    q = solve(targets, body)
    com = centre_of_mass(forward_kinematics(q, body.lengths_m), body)[:, 1].numpy()
    frames = len(com)
    lift = np.zeros(frames)
    for start, end in spans:
        t = np.arange(frames) / FPS
        inside = (t > start) & (t < end)
        at = np.interp([start, end], t, com)
        tau, span = t[inside] - start, end - start
        lift[inside] = (
            at[0] + (at[1] - at[0]) * tau / span + 0.5 * G_M_S2 * tau * (span - tau) - com[inside]
        )
        targets.contact[torch.from_numpy(inside)] = 0.0
    lift_t = torch.from_numpy(np.maximum(lift, 0.0))
    # The body shape of the flight stays: the height is now given, not the knees.
    targets.height_m, targets.knee_flexion = q[:, 1] + lift_t, None
    targets.root_xz_m, targets.com_xz_m = torch.stack((q[:, 0], q[:, 2]), -1), None
    targets.ankle_m = targets.ankle_m + lift_t[:, None, None] * torch.tensor(
        [0.0, 1.0, 0.0], dtype=torch.float64
    )
    return targets


def _jump_pelvis(
    rep: Repetition, heights: dict[str, float], times: dict[str, float], t: Curve
) -> tuple[Curve, Curve, Curve]:
    """Pelvis height, foot pitch (share) and arm swing (-1 back, 1 up) of one jump at times t (s)."""
    start, apex, end = rep.start / FPS, rep.turn / FPS, rep.end / FPS
    take_off, land = apex - times["up"], apex + times["up"]
    push, bottom = take_off - times["push"], land + times["absorb"]
    stand, toe_off, low, soft = (heights[k] for k in ("stand", "toe_off", "bottom", "soft"))
    crouching = stand + (low - stand) * ease((t - start) / max(push - start, 0.1))
    pushing = low + (toe_off - low) * np.clip((t - push) / times["push"], 0, 1) ** 2
    absorbed = np.clip((t - land) / times["absorb"], 0, 1)
    landing = soft + (toe_off - soft) * (1 - absorbed) ** 2
    rising = soft + (stand - soft) * ease((t - bottom) / max(end - bottom, 0.1))
    y = np.select([t >= bottom, t >= land, t >= push], [rising, landing, pushing], crouching)
    return y, _toe_off(t, take_off, land, times), _arm_swing(t, start, push, apex, end)


def _toe_off(t: Curve, take_off: float, land: float, times: dict[str, float]) -> Curve:
    """How far the feet point down (0 to 1): up on the toes with the push, down again after landing."""
    flat_again = ramp(t, land, land + 0.6 * times["absorb"])
    return ramp(t, take_off - 0.45 * times["push"], take_off) * (1 - flat_again)


def _arm_swing(t: Curve, start: float, push: float, apex: float, end: float) -> Curve:
    """-1 back while the body sinks, 1 up at the top of the flight, 0 at both ends."""
    return -ramp(t, start, push) + 2 * ramp(t, push - 0.15, apex) - ramp(t, apex, end)


def _jump_heights_and_times(context: Context) -> tuple[dict[str, float], dict[str, float]]:
    """Heights of the pelvis (m) and lengths (s) of the parts of every jump of the clip."""
    body = context.body
    knee = context.draw("knee_bottom_deg", 75, 105) - 30 * context.fault("shallow_depth")
    rise = TOE_SHARE * body.length("foot") * np.sin(np.radians(TOE_OFF_PITCH_DEG)) - 0.02
    soft = context.draw("landing_knee_deg", 55, 85) - 30 * context.fault("short_range")
    heights = {
        "stand": _height(body, 6),
        "bottom": _height(body, knee) + 0.01,
        "toe_off": _height(body, 14) + rise,
        "soft": _height(body, soft),
    }
    speed = context.params["speed_m_s"]
    push, up = jump_times(speed, heights["toe_off"] - heights["bottom"])
    times = {"push": push, "up": up, "absorb": 2 * (heights["toe_off"] - heights["soft"]) / speed}
    return heights, times


def _jump_curves(
    timeline: Timeline, heights: dict[str, float], times: dict[str, float]
) -> tuple[Curve, Curve, Curve]:
    """`_jump_pelvis` of all jumps of the clip; between them the athlete stands."""
    T = len(timeline)
    curves = np.full(T, heights["stand"]), np.zeros(T), np.zeros(T)
    for rep in timeline.repetitions:
        own = slice(rep.start, rep.end)
        of_one = _jump_pelvis(rep, heights, times, np.arange(T) / FPS)
        for curve, value in zip(curves, of_one, strict=True):
            curve[own] = value[own]
    return curves


def jump(context: Context) -> Targets:
    """Countermovement jump with arm swing; the turning point is the top of the flight."""
    draft = Draft(
        context, context.draw("half_stance_m", 0.09, 0.15), context.draw_deg("toe_out_deg", 3, 14)
    )
    heights, times = _jump_heights_and_times(context)
    y, pitch, swing = _jump_curves(context.timeline, heights, times)
    turns_s = [rep.turn / FPS for rep in context.timeline.repetitions]
    draft.height = y
    draft.pitch += np.radians(TOE_OFF_PITCH_DEG) * pitch[:, None]
    crouch = np.clip((heights["stand"] - y) / (heights["stand"] - heights["bottom"]), 0, 1.1)
    lean = context.draw("lean_deg", 28, 42) + 18 * context.fault("forward_lean")
    draft.lean(np.radians(3 + lean * crouch), 0.8)
    # On the toes the centre of mass is over the ball of the foot.
    draft.balance(0.17 + 0.35 * pitch)
    draft.valgus(np.radians(24) * context.fault("knee_valgus") * np.clip(crouch, 0, 1))
    draft.alive(0.6)
    arms = context.draw_deg("arm_swing_deg", 70, 150)
    draft.arm[:, :, 2] += np.where(swing < 0, 0.7 * swing, arms * swing)[:, None]
    draft.arm[:, :, 5] += (0.25 * np.abs(swing))[:, None]
    faults = {k: v for k, v in context.faults.items() if k in ("lateral_shift", "loss_of_balance")}
    common_faults_only(draft, crouch, faults)
    flights = [(turn - times["up"], turn + times["up"]) for turn in turns_s]
    return fly(draft.targets(), context.body, flights)


def common_faults_only(draft: Draft, s: Curve, faults: dict[str, float]) -> None:
    """`common_faults` with a subset of the faults."""
    kept = draft.context.faults
    draft.context.faults = faults
    common_faults(draft, s)
    draft.context.faults = kept


def _hops(timeline: Timeline) -> tuple[Curve, Curve, list[tuple[float, float]]]:
    """How far the feet are apart (0 to 1), how deep the knees dip (0 to 1), and start and end (s) of each flight."""
    T = len(timeline)
    opened, dip = np.zeros(T), np.zeros(T)
    flights = []
    for rep in timeline.repetitions:
        for a, b, goes_out in ((rep.start, rep.turn, True), (rep.turn, rep.end, False)):
            u = np.clip((np.arange(T) - a) / (b - a), 0, 1)[a:b]
            moved = ramp(u, 0.32, 0.72)
            opened[a:b] = moved if goes_out else 1 - moved
            push, land = np.clip(u / 0.3, 0, 1), np.clip((u - 0.74) / 0.26, 0, 1)
            dip[a:b] = np.sin(np.pi * push) ** 2 + np.sin(np.pi * land) ** 2
            flights.append(((a + 0.3 * (b - a)) / FPS, (a + 0.74 * (b - a)) / FPS))
    return opened, dip, flights


def jumping_jack(context: Context) -> Targets:
    """Feet hop apart while the arms go up, and together again."""
    narrow, wide = context.draw("narrow_m", 0.06, 0.10), context.draw("wide_m", 0.28, 0.42)
    wide *= 1 - 0.4 * context.fault("short_range")
    draft = Draft(context, narrow, context.draw_deg("toe_out_deg", 4, 14))
    opened, dip, flights = _hops(context.timeline)
    draft.foot[..., 2] = SIDE_SIGN * (narrow + (wide - narrow) * opened)[:, None]
    draft.knee = np.radians(12 + context.draw("dip_deg", 14, 26) * dip + 3 * (1 - opened))
    draft.lean(np.radians(4 + 6 * dip), 0.7)
    draft.balance(np.full(len(dip), 0.22))
    draft.valgus(np.radians(16) * context.fault("knee_valgus") * opened)
    draft.alive(0.6)
    top = context.draw("arm_top_deg", 150, 172) * (1 - 0.4 * context.fault("short_range"))
    arms = np.clip(context.timeline.s, 0, 1)
    draft.set_arm("shoulder_adduction", -np.radians(10 + (top - 10) * arms))
    draft.set_arm("scapula_elevation", 0.4 * arms)
    draft.set_arm("shoulder_rotation", -np.radians(55) * arms)
    if uneven := context.fault("uneven_load"):
        k = int(context.side > 0)
        draft.set_arm("shoulder_adduction", draft.arm[:, k, 3] * (1 - 0.35 * uneven), k)
    return fly(draft.targets(), context.body, flights)
