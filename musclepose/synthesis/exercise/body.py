"""A random athlete: sex, stature, build, mass, load."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.physics.anthropometrics import N_LENGTHS, segment_lengths
from musclepose.physics.dumas_bsip import BodyInertia, segment_inertia
from musclepose.physics.skeleton47 import LENGTHS
from musclepose.records import LoadSite, Sex

# Mean and standard deviation of stature (m) and of log body-mass index; rounded adult values, chosen.
STATURE_M = {"male": (1.77, 0.07), "female": (1.64, 0.065)}
BMI = (24.0, 0.12)
LENGTH_SPREAD = 0.035  # standard deviation of the log length ratios, about that of the fitted capture subjects


@dataclass(frozen=True)
class Body:
    """An athlete with what he or she holds; double precision."""

    sex: Sex
    stature_m: float
    mass_kg: float
    lengths_m: Float[Tensor, 13]
    inertia: BodyInertia
    load_kg: float = 0.0
    load_at: LoadSite = "hands"

    def length(self, name: str) -> float:
        """One scale length, m."""
        return float(self.lengths_m[LENGTHS.index(name)])

    @property
    def leg_m(self) -> float:
        """Thigh and shank, m."""
        return self.length("thigh") + self.length("shank")

    @property
    def arm_m(self) -> float:
        """Upper arm and forearm, m."""
        return self.length("upper_arm") + self.length("forearm")

    def loaded(self, load_kg: float, at: LoadSite) -> Body:
        """The same athlete with a load."""
        return replace(self, load_kg=load_kg, load_at=at)


def random_body(rng: np.random.Generator) -> Body:
    """An adult drawn from rounded population values."""
    sex: Sex = "male" if rng.random() < 0.5 else "female"
    mean, spread = STATURE_M[sex]
    stature = float(np.clip(rng.normal(mean, spread), 1.45, 2.05))
    mass = float(BMI[0] * np.exp(rng.normal(0.0, BMI[1])) * stature**2)
    ratio = torch.from_numpy(rng.normal(0.0, LENGTH_SPREAD, N_LENGTHS))
    lengths = segment_lengths(torch.tensor(stature, dtype=torch.float64), ratio)
    inertia = segment_inertia(
        lengths, torch.tensor(mass, dtype=torch.float64), sex
    )
    return Body(sex, stature, mass, lengths, inertia)
