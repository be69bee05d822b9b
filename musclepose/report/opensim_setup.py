"""What OpenSim's tools read beside the motion: which force acts where, and the set-up of inverse dynamics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

# prefix of the force's columns: body that it acts on
FEET = {"R_ground": "calcn_r", "L_ground": "calcn_l"}
OWN_FEET = {"R_ground": "foot_r", "L_ground": "foot_l"}  # in our own body
HANDS = {"R_hand": "hand_r", "L_hand": "hand_l"}
LYING = {
    "R_lying": "hand_r",
    "L_lying": "hand_l",
}  # of the floor on a load that the model's hands hold
MODEL = "LaiUhlrich2022_scaled.osim"  # the user's, scaled to the athlete; it is not part of the results
VERSION = "40000"


def _field(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _write(path: Path, root: Element) -> Path:
    indent(root)
    ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    return path


def write_external_loads(
    path: Path,
    force_file: str,
    with_hands: bool = False,
    feet: Mapping[str, str] = FEET,
) -> Path:
    """ExternalLoads: the forces on both feet (and hands) that `force_file` holds, in ground axes."""
    root = Element("OpenSimDocument", Version=VERSION)
    loads = SubElement(root, "ExternalLoads", name="ground_reaction")
    objects = SubElement(loads, "objects")
    for prefix, body in ({**feet, **HANDS} if with_hands else feet).items():
        force = SubElement(objects, "ExternalForce", name=f"{prefix}_on_{body}")
        _field(force, "applied_to_body", body)
        _field(force, "force_expressed_in_body", "ground")
        _field(force, "point_expressed_in_body", "ground")
        _field(force, "force_identifier", f"{prefix}_force_v")
        _field(force, "point_identifier", f"{prefix}_force_p")
        _field(force, "torque_identifier", f"{prefix}_torque_")
    _field(loads, "datafile", force_file)
    return _write(path, root)


def write_inverse_dynamics_setup(
    path: Path,
    motion_file: str,
    loads_file: str,
    span_s: tuple[float, float],
    model_file: str = MODEL,
) -> Path:
    """InverseDynamicsTool over the told stretch; the motion is low-passed already."""
    root = Element("OpenSimDocument", Version=VERSION)
    tool = SubElement(root, "InverseDynamicsTool", name="inverse_dynamics")
    _field(tool, "results_directory", ".")
    _field(tool, "model_file", model_file)
    _field(tool, "time_range", f"{span_s[0]:.8f} {span_s[1]:.8f}")
    _field(tool, "forces_to_exclude", "Muscles")
    _field(tool, "external_loads_file", loads_file)
    _field(tool, "coordinates_file", motion_file)
    _field(tool, "lowpass_cutoff_frequency_for_coordinates", "-1")
    _field(
        tool, "output_gen_force_file", f"{path.stem.removesuffix('_setup')}.sto"
    )
    return _write(path, root)
