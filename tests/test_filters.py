"""The low-pass filter and the finite differences: frequency response, ends, linearity, parity with scipy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from finite_difference import assert_jacobian
from scipy.signal import butter, sosfiltfilt

from musclepose.errors import InputError
from musclepose.physics import filters
from musclepose.physics.filters import (
    derivatives,
    filtered_derivatives,
    gain,
    kernel,
    low_pass,
)

DT = 1.0 / 30.0

PACKAGE = Path(__file__).parent.parent / "musclepose"


@pytest.mark.parametrize(
    ("frequency_hz", "expected"),
    # Two passes of a second-order Butterworth with the half-power point of the pair at 6 Hz; Nyquist is 15 Hz.
    [
        (0.5, 1.0000),
        (1.0, 0.9998),
        (2.0, 0.9970),
        (3.0, 0.9837),
        (4.0, 0.9448),
        (6.0, math.sqrt(0.5)),
        (8.0, 0.3066),
        (10.0, 0.0695),
        (12.0, 0.0074),
    ],
)
def test_frequency_response(frequency_hz: float, expected: float) -> None:
    """A long sine comes out with this gain and without lag."""
    t = np.arange(600) * DT
    x = np.sin(2 * np.pi * frequency_hz * t)[:, None]
    middle = slice(200, 400)
    y = low_pass(x, DT)[middle, 0]
    basis = np.stack(
        (
            np.sin(2 * np.pi * frequency_hz * t),
            np.cos(2 * np.pi * frequency_hz * t),
        ),
        1,
    )[middle]
    in_phase, quadrature = np.linalg.lstsq(basis, y, rcond=None)[0]
    assert in_phase == pytest.approx(
        gain(np.array(frequency_hz), DT, 6.0), abs=1e-6
    )
    assert in_phase == pytest.approx(expected, abs=1e-4)
    assert abs(quadrature) < 1e-6


@pytest.mark.parametrize(
    ("rate_hz", "cutoff_hz"),
    [(30.0, 6.0), (30.0, 3.0), (100.0, 6.0), (250.0, 12.0)],
)
def test_same_as_scipy(rate_hz: float, cutoff_hz: float) -> None:
    """scipy's `sosfiltfilt` with a second-order filter, designed for the corrected cut-off, and long padding."""
    x = np.cumsum(np.random.default_rng(0).standard_normal((400, 3)), 0)
    W = math.tan(math.pi * cutoff_hz / rate_hz) / (math.sqrt(2) - 1) ** 0.25
    sos = butter(2, 2 * math.atan(W) / math.pi, output="sos")
    np.testing.assert_allclose(
        low_pass(x, 1 / rate_hz, cutoff_hz),
        sosfiltfilt(sos, x, axis=0, padlen=399),
        atol=1e-8,
    )


def test_constant_and_uniform_motion_pass_unchanged() -> None:
    for frames in (1, 2, 3, 10, 100):
        x = 3.0 + 0.5 * torch.arange(frames, dtype=torch.float64)[:, None]
        q, qdot, qddot = filtered_derivatives(x, DT)
        torch.testing.assert_close(q, x)
        torch.testing.assert_close(
            qdot, torch.full_like(x, 0.0 if frames == 1 else 0.5 / DT)
        )
        torch.testing.assert_close(
            qddot, torch.zeros_like(x), atol=1e-9, rtol=0
        )


def test_end_points_stay() -> None:
    x = torch.randn(
        50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    y = low_pass(x, DT)
    torch.testing.assert_close(y[[0, -1]], x[[0, -1]])


def test_differences_are_exact_on_a_parabola_and_second_order_on_a_sine() -> (
    None
):
    t = torch.arange(20, dtype=torch.float64)[:, None] * DT
    qdot, qddot = derivatives(1.0 + 2.0 * t + 3.0 * t**2, DT)
    torch.testing.assert_close(qdot, 2.0 + 6.0 * t)
    torch.testing.assert_close(qddot, torch.full_like(t, 6.0))
    errors = []
    for dt in (0.02, 0.01, 0.005):
        t = torch.arange(round(2 / dt), dtype=torch.float64)[:, None] * dt
        qdot, qddot = derivatives(torch.sin(3 * t), dt)
        errors.append(
            (
                (qdot - 3 * torch.cos(3 * t)).abs().max(),
                (qddot + 9 * torch.sin(3 * t))[1:-1].abs().max(),
            )
        )
    for coarse, fine in zip(errors, errors[1:], strict=False):
        assert all(
            math.log2(c / f) == pytest.approx(2.0, abs=0.1)
            for c, f in zip(coarse, fine, strict=True)
        )


def test_short_records_and_batches() -> None:
    """Shorter than the kernel, any leading axes; batch = loop, array = tensor."""
    x = torch.randn(
        2,
        3,
        7,
        4,
        dtype=torch.float64,
        generator=torch.Generator().manual_seed(1),
    )
    assert len(kernel(DT, 6.0)) > 7
    batch = filtered_derivatives(x, DT)
    for i in range(2):
        for j in range(3):
            for whole, one in zip(
                batch, filtered_derivatives(x[i, j].numpy(), DT), strict=True
            ):
                np.testing.assert_array_equal(whole[i, j].numpy(), one)


def test_gradient() -> None:
    x = torch.randn(
        9, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(2)
    )
    analytic = torch.func.jacrev(
        lambda x: torch.cat(filtered_derivatives(x, DT))
    )(x)
    # Second differences multiply rounding by 1 / dt^2 = 900.
    assert_jacobian(
        analytic,
        lambda x: torch.cat(filtered_derivatives(x, DT)),
        x,
        tolerance=1e-7,
    )


def test_no_filter_when_told_so() -> None:
    x = torch.randn(
        9, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3)
    )
    q, qdot, _ = filtered_derivatives(x, DT, cutoff_hz=None)
    assert torch.equal(q, x)
    assert torch.equal(qdot, derivatives(x, DT)[0])


@pytest.mark.parametrize(
    ("cutoff_hz", "order"), [(0.0, 4), (15.0, 4), (6.0, 3)]
)
def test_impossible_filters_are_refused(cutoff_hz: float, order: int) -> None:
    with pytest.raises(InputError):
        low_pass(torch.zeros(5, 1), DT, cutoff_hz, order)


def test_there_is_one_low_pass() -> None:
    """A second design would have another cut-off under the same number: half power of one pass or of both."""
    others = [
        p
        for p in PACKAGE.rglob("*.py")
        if "scipy.signal" in p.read_text("utf-8")
    ]
    assert others == []


def test_a_long_record_is_filtered_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """torch's convolution copies all it is given once for each weight of the kernel."""
    x = torch.randn(3, 400, 47, dtype=torch.float64).cumsum(1)
    at_once = low_pass(x, 1 / 30, 6.0)
    monkeypatch.setattr(filters, "CONVOLVED_AT_ONCE", 1)
    assert torch.equal(low_pass(x, 1 / 30, 6.0), at_once)
