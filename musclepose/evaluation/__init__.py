"""Measured against references: the work behind `python -m musclepose.evaluate`."""
