"""What the user did not tell and the figures rest on, in words."""

from __future__ import annotations

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summary import PhysicsSummary

ASSUMED_WORDS = {
    "height_m": "height",
    "mass_kg": "body mass",
    "sex": "sex",
    "age_years": "age",
}
NO_WEIGHT = "no weight"


def of_the_athlete(summary: PhysicsSummary) -> list[str]:
    """ "height", "body mass" and "sex" where they were not told; the age changes little and is not asked for."""
    return [
        ASSUMED_WORDS[name] for name in summary.assumed if name != "age_years"
    ]


def assumed_words(summary: PhysicsSummary) -> list[str]:
    """The same, and that no weight was carried in an exercise in which one usually is."""
    exercise = EXERCISES[summary.exercise.name]
    no_weight = exercise.usually_loaded and not summary.load_kg
    return of_the_athlete(summary) + ([NO_WEIGHT] if no_weight else [])
