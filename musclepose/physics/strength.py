"""Published strength tables as one row per muscle DoF and direction (configs/anderson2007.yaml, strength_upper.yaml).

Every row becomes the same numbers (`FIELDS`), whatever table it came from: an Anderson row as it stands, a
Gymnast or chosen row through its Anderson-form equivalent (speeds at 75 % and 50 % torque). Direction 0 is flex, the
direction of positive q; direction 1 is ext. Both files hold captions, units, citations and the reason of each choice.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from musclepose.errors import InputError
from musclepose.physics.skeleton47 import DOFS, N_MUSCLE_DOF, N_ROOT, Dof
from musclepose.records import DEFAULT_AGE_YEARS

CONFIGS = Path(__file__).parent.parent / "configs"
DIRECTIONS = ("flex", "ext")
SEXES: tuple[Literal["male", "female"], ...] = ("male", "female")
AGES = ("18-25", "55-65", "65+")
FIELDS = (
    "strength",  # isometric peak torque / (mass x stature), N m / (kg m)
    "angle_opt", "angle_rate",  # rad; 1/rad: c2 of the cosine, or 1 / width of the Gaussian
    "gaussian", "angle_floor",  # 1 = Gaussian angle curve, 0 = cosine; least active angle factor
    "speed_75", "speed_50", "eccentric",  # rad/s at 75 % and 50 % torque; plateau of the lengthening branch
    "speed_share",  # muscle speed / joint speed; below 1 where a long tendon moves for it
    "cv",  # SD / mean of the strength
    "passive_gain", "passive_share",  # passive torque at passive_ref: N m, and share of tau0 (one of them is zero)
    "passive_rate", "passive_ref",  # 1/rad, rad
)  # fmt: skip
Row = dict[str, float]
Table = dict[str, NDArray[np.float64]]  # field -> (41, 2)


@lru_cache(maxsize=2)
def load(name: str) -> dict[str, Any]:
    """One of the two table files as a dictionary."""
    return yaml.safe_load((CONFIGS / name).read_text(encoding="utf-8"))


def anderson_row(
    joint: str, direction: str, sex: str, age: str, statistic: str = "mean"
) -> Row:
    """One of the 36 rows of Anderson 2007 Table 3: c1..c6, b1, k1, b2, k2."""
    data = load("anderson2007.yaml")
    key = [joint, direction, sex, age, statistic]
    for row in data["rows"]:
        if row[:5] == key:
            return dict(zip(data["columns"][5:], row[5:], strict=True))
    raise InputError(
        f"no Anderson 2007 row {key}; joints hip, knee, ankle, ages {', '.join(AGES)}."
    )


def gymnast_row(name: str) -> Row:
    """One of the 22 rows of RBDL's Gymnast set."""
    data = load("strength_upper.yaml")["gymnast"]
    return dict(zip(data["columns"], data["rows"][name], strict=True))


def chosen_row(name: str) -> Row:
    """One row that no table at hand holds; its reason stands in the file."""
    data = load("strength_upper.yaml")["chosen"]
    return dict(zip(data["columns"], data["rows"][name]["values"], strict=True))


def constant(name: str) -> float:
    """A stated constant of strength_upper.yaml."""
    return float(load("strength_upper.yaml")["constants"][name])


def age_factor(sex: str, age: str) -> float:
    """Strength relative to the young group: mean ratio of c1 over the six Anderson rows of that sex."""
    pairs = [
        (joint, direction)
        for joint in ("hip", "knee", "ankle")
        for direction in DIRECTIONS
    ]
    ratios = [
        anderson_row(*pair, sex, age)["c1"]
        / anderson_row(*pair, sex, AGES[0])["c1"]
        for pair in pairs
    ]
    return sum(ratios) / len(ratios)


def speeds_from_half(omega_max: float, tv_half: float) -> tuple[float, float]:
    """Speeds at 75 % and 50 % torque of the Hill curve (1 - x)/(1 + k x), x = omega/omega_max, worth tv_half at 1/2."""
    k = 1.0 / tv_half - 2.0
    return omega_max * 0.25 / (1.0 + 0.75 * k), omega_max * 0.5 / (
        1.0 + 0.5 * k
    )


def _anderson(joint: str, direction: str, sex: str, age: str) -> Row:
    mean, sd = (
        anderson_row(joint, direction, sex, age, s) for s in ("mean", "sd")
    )
    plateau = (
        constant("eccentric_minimum")
        + constant("eccentric_c6_gain") * mean["c6"]
    )
    extension_floor = joint == "knee" and direction == "ext"
    change = load("strength_upper.yaml")["adjustments"].get(
        f"{joint}.{direction}", {}
    )
    return {
        "strength": mean["c1"]
        * constant("gravity")
        * change.get("strength", 1.0),
        "speed_share": change.get("speed_share", 1.0),
        "angle_opt": mean["c3"],
        "angle_rate": mean["c2"],
        "gaussian": 0.0,
        "angle_floor": constant(
            "knee_extension_angle_floor" if extension_floor else "angle_floor"
        ),
        "speed_75": mean["c4"],
        "speed_50": mean["c5"],
        "eccentric": min(plateau, constant("eccentric_maximum")),
        "cv": max(sd["c1"] / mean["c1"], constant("cv_minimum")),
    }


def _gaussian(
    opt: float, width: float, omega_max: float, tv_half: float, eccentric: float
) -> Row:
    speed_75, speed_50 = speeds_from_half(omega_max, tv_half)
    return {
        "angle_opt": opt,
        "angle_rate": 1.0 / width,
        "gaussian": 1.0,
        "angle_floor": constant("angle_floor"),
        "speed_75": speed_75,
        "speed_50": speed_50,
        "eccentric": eccentric,
        "speed_share": 1.0,
    }


def _gymnast(name: str, sex: str, age: str, angle: dict[str, float]) -> Row:
    data, row = load("strength_upper.yaml")["gymnast"], gymnast_row(name)
    scale, opt = (
        angle["scale"],
        angle["sign"] * (row["theta_opt"] - angle["offset"]) * angle["scale"],
    )
    out = _gaussian(
        opt,
        row["width"] * scale,
        row["omega_max"] * scale,
        row["tv_half"],
        row["eccentric"],
    )
    reduced = row["tau_iso_nm"] * data["reduction"][sex] * age_factor(sex, age)
    return out | {
        "strength": reduced / (data["mass_kg"] * data["stature_m"]),
        "cv": data["cv"],
    }


def _chosen(name: str, sex: str, age: str) -> Row:
    stature, row = (
        load("strength_upper.yaml")["chosen"]["reference_stature_m"],
        chosen_row(name),
    )
    out = _gaussian(
        row["theta_opt"],
        row["width"],
        row["omega_max"],
        row["tv_half"],
        row["eccentric"],
    )
    strength = row[f"{sex}_nm_per_kg"] * age_factor(sex, age) / stature[sex]
    return out | {"strength": strength, "cv": row["cv"]}


def _passive(dof: Dof, base: str, direction: str, sex: str, age: str) -> Row:
    """Passive torque in `direction`: gain exp(rate |q - ref|), growing towards the limit that stretches that side."""
    data = load("strength_upper.yaml")
    entry, flex = data["dofs"][base], direction == "flex"
    kind, _, name = entry["passive"].partition(".")
    out = {"passive_gain": 0.0, "passive_share": 0.0}
    if kind == "at_limits":
        rule = data["passive"]["at_limits"]
        gain, rate, ref = (
            rule["gain_nm"],
            rule["rate_per_rad"],
            dof.lower if flex else dof.upper,
        )
    elif kind == "opencap":
        k0, k1, k2, k3, theta0, theta1 = data["passive"]["rows"][name]
        gain, rate, ref = (k2, -k3, theta0) if flex else (-k0, k1, theta1)
    elif kind == "anderson":
        row = anderson_row(
            entry["ext"].split(".")[1], "ext", sex, age
        )  # torque in the ext direction
        gain, rate, ref = (
            (-row["b1"], -row["k1"], 0.0)
            if flex
            else (row["b2"], row["k2"], 0.0)
        )
    else:
        row, angle = gymnast_row(entry[direction].split(".")[1]), _angle(entry)
        rate = -math.log(data["passive"]["gymnast_share_at_zero"]) / abs(
            row["passive_one"] - row["passive_zero"]
        )
        gain, ref = 0.0, angle["sign"] * (row["passive_one"] - angle["offset"])
        out["passive_share"] = 1.0
    return out | {
        "passive_gain": gain,
        "passive_rate": rate,
        "passive_ref": ref,
    }


def _angle(entry: dict[str, Any]) -> dict[str, float]:
    return entry.get("angle", {"sign": 1.0, "offset": 0.0, "scale": 1.0})


def base_name(dof: Dof) -> str:
    """DoF name without its side."""
    return dof.name[:-2] if dof.name[-2:] in ("_l", "_r") else dof.name


def dof_row(dof: Dof, direction: str, sex: str, age: str) -> Row:
    """All `FIELDS` of one direction of one DoF."""
    base = base_name(dof)
    entry = load("strength_upper.yaml")["dofs"][base]
    kind, _, name = entry[direction].partition(".")
    if kind == "anderson":
        joint, row_direction = name.split(".")
        active = _anderson(joint, row_direction, sex, age)
    elif kind == "gymnast":
        active = _gymnast(name, sex, age, _angle(entry))
    else:
        active = _chosen(name, sex, age)
    return active | _passive(dof, base, direction, sex, age)


@lru_cache(maxsize=6)
def corner_table(sex: str, age: str) -> Table:
    """The (41, 2) table of one sex and one published age group."""
    rows = [
        [dof_row(dof, direction, sex, age) for direction in DIRECTIONS]
        for dof in DOFS[N_ROOT:]
    ]
    return {
        f: np.array([[side[f] for side in row] for row in rows]).reshape(
            N_MUSCLE_DOF, 2
        )
        for f in FIELDS
    }


def strength_table(sex: str, age_years: float | None) -> Table:
    """(41, 2) per field: linear in age between the group centres, held beyond them; unknown sex = mean of both."""
    centres = load("anderson2007.yaml")["age_centres_years"]
    age = DEFAULT_AGE_YEARS if age_years is None else age_years
    position = float(
        np.interp(age, [centres[a] for a in AGES], range(len(AGES)))
    )
    low = min(int(position), len(AGES) - 2)
    weights = {AGES[low]: 1.0 - (position - low), AGES[low + 1]: position - low}
    sexes = [s for s in SEXES if sex in (s, "unknown")]
    if not sexes:
        raise InputError(f"sex is {sex!r}; it must be female, male or unknown.")
    return {
        f: np.sum(
            [
                weights[a] * corner_table(s, a)[f] / len(sexes)
                for s in sexes
                for a in weights
            ],
            axis=0,
        )
        for f in FIELDS
    }
