"""When what happens: repetitions with tempo, holds and rests, and the smooth curves that movements follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FPS = 30.0
REST, OUT, TURN, BACK = 0, 1, 2, 3
PHASES = (
    "rest",
    "out",
    "turn",
    "back",
)  # out: start to turning point; back: turning point to end
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Repetition:
    """Frames of one repetition: leaves the start posture, reaches the turning point, is back."""

    start: int
    turn: int
    end: int


@dataclass(frozen=True)
class Tempo:
    """Seconds of a repetition: way out, hold at the turning point, way back, rest before the next."""

    out_s: float
    hold_s: float
    back_s: float
    rest_s: float


@dataclass(frozen=True)
class Timeline:
    """Progress of the movement per frame: `s` is 0 in the start posture and about 1 at the turning point."""

    s: Curve  # (T,)
    phase: NDArray[np.int64]  # (T,) index into PHASES
    u: Curve  # (T,) share of the current phase
    amplitude: Curve  # (T,) of the current repetition, about 1
    repetition: NDArray[
        np.int64
    ]  # (T,) index of the current repetition (that of the next one in a rest)
    repetitions: tuple[Repetition, ...]

    def __len__(self) -> int:
        return len(self.s)


def ease(u: Curve) -> Curve:
    """Minimum-jerk step from 0 to 1 over u in [0, 1] (Flash and Hogan 1985, eq. A5)."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10.0 - 15.0 * u + 6.0 * u**2)


def ramp(u: Curve, start: float, end: float) -> Curve:
    """Minimum-jerk step while u goes from `start` to `end`."""
    return ease((u - start) / (end - start))


def build_timeline(
    rng: np.random.Generator,
    count: int,
    tempo: Tempo,
    lead_s: float,
    tail_s: float,
) -> Timeline:
    """`count` repetitions with human variation: 6 % in each duration, 3 % in amplitude, slower towards the end."""
    pieces: list[tuple[int, int, int, float]] = [
        (REST, max(2, round(lead_s * FPS)), 0, 1.0)
    ]
    repetitions, frame = [], pieces[0][1]
    for i in range(count):
        fatigue = 1.0 + 0.04 * i * rng.random()
        out = _varied(rng, FPS * tempo.out_s * fatigue, 5)
        hold = _varied(rng, FPS * tempo.hold_s * fatigue, 1)
        back = _varied(rng, FPS * tempo.back_s * fatigue, 5)
        amplitude = float(rng.normal(1.0, 0.03))
        rest = 0
        if i + 1 < count:
            rest = max(1, round(FPS * tempo.rest_s * rng.uniform(0.7, 1.3)))
        turn = frame + out + hold // 2
        end = frame + out + hold + back
        repetitions.append(Repetition(frame, turn, end))
        pieces += [
            (OUT, out, i, amplitude),
            (TURN, hold, i, amplitude),
            (BACK, back, i, amplitude),
            (REST, rest, i + 1, 1.0),
        ]
        frame = end + rest
    pieces.append((REST, max(2, round(tail_s * FPS)), max(count - 1, 0), 1.0))
    return _assemble(pieces, tuple(repetitions))


def _varied(rng: np.random.Generator, frames: float, at_least: int) -> int:
    """Frames of a part of a repetition as a person keeps a time: 6 % off."""
    return max(at_least, round(frames * rng.normal(1.0, 0.06)))


def _assemble(
    pieces: list[tuple[int, int, int, float]],
    repetitions: tuple[Repetition, ...],
) -> Timeline:
    phase = np.concatenate([np.full(n, p) for p, n, _, _ in pieces])
    u = np.concatenate([np.arange(n) / max(n, 1) for _, n, _, _ in pieces])
    amplitude = np.concatenate([np.full(n, a) for _, n, _, a in pieces])
    index = np.concatenate([np.full(n, i) for _, n, i, _ in pieces])
    eased = ease(u)
    parts = [phase == OUT, phase == TURN, phase == BACK]
    shape = np.select(parts, [eased, np.ones_like(u), 1.0 - eased], 0.0)
    return Timeline(shape * amplitude, phase, u, amplitude, index, repetitions)


def shifted(timeline: Timeline, lead: float) -> Curve:
    """Progress whose way back runs ahead (`lead` > 0) or behind (< 0) of `timeline.s`; the ends stay."""
    warped = 1.0 - ease(timeline.u ** np.exp(-lead))
    return np.where(
        timeline.phase == BACK, warped * timeline.amplitude, timeline.s
    )


def sway(
    rng: np.random.Generator,
    frames: int,
    size: float,
    low_hz: float = 0.1,
    high_hz: float = 0.8,
) -> Curve:
    """Smooth wandering of standard deviation `size`: four sines of random frequency and phase."""
    t = np.arange(frames) / FPS
    f = rng.uniform(low_hz, high_hz, 4)
    phase = rng.uniform(0, 2 * np.pi, 4)
    weight = rng.normal(0, 1, 4)
    sines = np.sin(2 * np.pi * f[:, None] * t + phase[:, None])
    wave = (weight[:, None] * sines).sum(0)
    deviation = np.sqrt(0.5 * (weight**2).sum())
    return size * wave / (deviation + 1e-9)
