"""Measured motion brought onto the 47-DoF body: readers, importers, inverse kinematics, calibration."""
