"""Parametric exercise generator in the 47-DoF space."""

from musclepose.synthesis.exercise.generate import (
    EXERCISES,
    ExerciseClip,
    generate_clip,
)

__all__ = ["EXERCISES", "ExerciseClip", "generate_clip"]
