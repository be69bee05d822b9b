"""MusclePose: whole-body biomechanics from one video."""

__version__ = "0.1.0"
