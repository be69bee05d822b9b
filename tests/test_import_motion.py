"""ASF/AMC and BVH files written by hand: kinematics in closed form, the record that training reads, refusals."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from musclepose.errors import InputError
from musclepose.fitting.fit_landmarks import start_subject
from musclepose.fitting.fit_sources import CMU_STATURE_PER_HEAD_END, read_cmu
from musclepose.fitting.import_asf import CMU_BONES, INCH_M, read_amc, read_asf
from musclepose.fitting.import_bvh import (
    CGSPEED_JOINTS,
    read_bvh,
    with_missing_bones,
)
from musclepose.fitting.import_clips import (
    Labels,
    at_30hz,
    body_height_m,
    clean_spans,
    clips_of,
    millimetres,
    nearest_rotations,
)
from musclepose.fitting.import_motion import main
from musclepose.fitting.import_skeleton import (
    JOINTS,
    PARENT_OF,
    Recording,
    Skeleton,
    axis_rotations,
    parents_of,
    pick_joints,
    rest_positions,
    world_positions,
)
from musclepose.physics.skeleton47 import LENGTHS
from musclepose.records import Array

UNIT_M = INCH_M / 0.45
# A figure of our own, in file units: bone, parent, direction, length, axis, dof.
_X, _Y, _Z, _DOWN = (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, -1, 0)
_LEG = (
    ("hipjoint", "root", (0.8, -0.6, 0), 2.5), ("femur", "hipjoint", _DOWN, 7), ("tibia", "femur", _DOWN, 7),
    ("foot", "tibia", _Z, 2), ("toes", "foot", _Z, 1),
)  # fmt: skip
_ARM = (
    ("clavicle", "thorax", _X, 3), ("humerus", "clavicle", _X, 5), ("radius", "humerus", _X, 3),
    ("wrist", "radius", _X, 1.5), ("hand", "wrist", _X, 1), ("fingers", "hand", _X, 1), ("thumb", "wrist", _Z, 1),
)  # fmt: skip
_TRUNK = (
    ("lowerback", "root", _Y, 2), ("upperback", "lowerback", _Y, 2), ("thorax", "upperback", _Y, 2),
    ("lowerneck", "thorax", _Y, 1.5), ("upperneck", "lowerneck", _Y, 1.5), ("head", "upperneck", _Y, 2),
)  # fmt: skip
_MIDDLE = ("root", "thorax")
BONES = [
    (
        s + name,
        parent if parent in _MIDDLE else s + parent,
        (sign * d[0], d[1], d[2]),
        length,
    )
    for s, sign in (("l", 1), ("r", -1))
    for name, parent, d, length in (*_LEG, *_ARM)
] + list(_TRUNK)


def asf_text(axis: dict[str, str] | None = None, **replacing: str) -> str:
    """A whole skeleton file; `axis` of single bones, `replacing` old=new words."""
    bones = "".join(
        f"begin\n id {i}\n name {name}\n direction {d[0]} {d[1]} {d[2]}\n length {length}\n"
        f" axis {(axis or {}).get(name, '0 0 0 XYZ')}\n dof rx ry rz\n limits (-1 1)\n (-1 1)\n (-1 1)\nend\n"
        for i, (name, _, d, length) in enumerate(BONES, 1)
    )
    links = "".join(f"{parent} {name}\n" for name, parent, _, _ in BONES)
    text = (
        "# ours\n:version 1.10\n:name US\n:units\n mass 1.0\n length 0.45\n angle deg\n:documentation\n made by hand\n"
        ":root\n order TX TY TZ RX RY RZ\n axis XYZ\n position 0 0 0\n orientation 0 0 0\n"
        f":bonedata\n{bones}:hierarchy\nbegin\n{links}end\n"
    )
    for old, new in replacing.items():
        text = text.replace(old, new)
    return text


def amc_text(frames: int = 1, root: str = "0 16 0 0 0 0", **moved: str) -> str:
    """The same pose in every frame: `moved` bones, the rest at zero."""
    body = f"root {root}\n" + "".join(
        f"{name} {moved.get(name, '0 0 0')}\n" for name, *_ in BONES
    )
    return "#!OML\n:FULLY-SPECIFIED\n:DEGREES\n" + "".join(
        f"{n}\n{body}" for n in range(1, frames + 1)
    )


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def posed(folder: Path, amc: str, asf: str | None = None) -> dict[str, Array]:
    """Bone -> (T, 3) far end, file units."""
    skeleton = read_asf(write(folder, "7.asf", asf or asf_text()))
    r = read_amc(write(folder, "7_01.amc", amc), skeleton, 120.0)
    p = world_positions(r.skeleton, r.R_parent_node, r.root)
    return {name: p[:, i] for i, name in enumerate(r.skeleton.names)}


def test_asf_at_rest_is_the_sum_of_its_bones(tmp_path: Path) -> None:
    p = posed(tmp_path, amc_text(root="1 16 -2 0 0 0"))
    assert np.allclose(p["root"], [[1, 16, -2]])
    assert np.allclose(p["ltoes"], [[1 + 2.0, 16 - 1.5 - 14, -2 + 3]])
    assert np.allclose(p["rthumb"], [[1 - 12.5, 16 + 6, -2 + 1]])
    assert read_asf(tmp_path / "7.asf").unit_m == pytest.approx(
        0.0564444, rel=1e-6
    )


def test_bent_knee_and_turned_root_in_closed_form(tmp_path: Path) -> None:
    p = posed(tmp_path, amc_text(ltibia="90 0 0"))
    assert np.allclose(
        p["ltibia"] - p["lfemur"], [[0, 0, -7]]
    )  # Rx(90) (0,-1,0) = (0,0,-1)
    assert np.allclose(
        p["ltoes"] - p["ltibia"], [[0, -3, 0]]
    )  # the foot turns with the shank
    p = posed(tmp_path, amc_text(root="0 16 0 0 90 0"))
    assert np.allclose(
        p["lfingers"] - p["thorax"], [[0, 0, -14.5]]
    )  # Ry(90) x = -z


def test_rotations_turn_about_fixed_axes_in_the_order_of_dof(
    tmp_path: Path,
) -> None:
    p = posed(tmp_path, amc_text(lfemur="30 40 50"))
    expected = (rot("z", 50) @ rot("y", 40) @ rot("x", 30)) @ [0, -7, 0]
    assert np.allclose(p["lfemur"] - p["lhipjoint"], [expected])


def test_bone_axis_conjugates_the_rotation(tmp_path: Path) -> None:
    """C = Rz(90): the bone's x axis is the world's y, so `rx 90` swings an arm along x about y, to -z."""
    p = posed(
        tmp_path,
        amc_text(lhumerus="90 0 0"),
        asf_text({"lhumerus": "0 0 90 XYZ"}),
    )
    assert np.allclose(p["lhumerus"] - p["lclavicle"], [[0, 0, -5]])


def test_radians_and_units_of_the_files_count(tmp_path: Path) -> None:
    turned = amc_text(ltibia=f"{math.pi / 2} 0 0").replace(
        ":DEGREES", ":RADIANS"
    )
    p = posed(tmp_path, turned)
    assert np.allclose(p["ltibia"] - p["lfemur"], [[0, 0, -7]])
    skeleton = read_asf(
        write(tmp_path, "u.asf", asf_text(**{"length 0.45": "length 2.54"}))
    )
    assert skeleton.unit_m == pytest.approx(0.01)


def rot(axis: str, degrees: float) -> Array:
    return axis_rotations(axis, np.asarray(math.radians(degrees)))


C3 = "CHANNELS 3 Zrotation Yrotation Xrotation"


def joint(name: str, offset: str, *children: str, channels: str = C3) -> str:
    return f"JOINT {name}\n{{\nOFFSET {offset}\n{channels}\n{''.join(children)}}}\n"


def end(offset: str) -> str:
    return f"End Site\n{{\nOFFSET {offset}\n}}\n"


def _bvh_leg(side: str, x: float) -> str:
    toe = joint(f"{side}ToeBase", "0 0 2", end("0 0 1"))
    foot = joint(f"{side}Leg", "0 -7 0", joint(f"{side}Foot", "0 -7 0", toe))
    return joint(
        f"{side[0]}HipJoint",
        "0 0 0",
        joint(f"{side}UpLeg", f"{x} -1.5 0", foot),
    )


def _bvh_arm(side: str, sign: int) -> str:
    hand = joint(
        f"{side}Hand",
        f"{3 * sign} 0 0",
        joint(
            f"{side}FingerBase",
            "0 0 0",
            joint(f"{side}HandIndex1", f"{sign} 0 0", end(f"{sign} 0 0")),
        ),
        joint(f"{side[0]}Thumb", "0 0 0", end("0 0 1")),
    )
    arm = joint(
        f"{side}Arm",
        f"{3 * sign} 0 0",
        joint(f"{side}ForeArm", f"{5 * sign} 0 0", hand),
    )
    return joint(f"{side}Shoulder", "0 0 0", arm)


def bvh_text(
    rows: list[str] | None = None,
    frames: int = 1,
    step: float = 1 / 120,
    **moved: str,
) -> str:
    """The same figure with the names, and the missing bones, of cgspeed; `moved` joint="z y x" degrees."""
    neck = joint(
        "Neck",
        "0 0 0",
        joint("Neck1", "0 1.5 0", joint("Head", "0 1.5 0", end("0 2 0"))),
    )
    spine1 = joint(
        "Spine1", "0 2 0", neck, _bvh_arm("Left", 1), _bvh_arm("Right", -1)
    )
    trunk = joint("LowerBack", "0 0 0", joint("Spine", "0 2 0", spine1))
    six = (
        "CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation"
    )
    body = joint(
        "Hips",
        "0 0 0",
        _bvh_leg("Left", 2),
        _bvh_leg("Right", -2),
        trunk,
        channels=six,
    ).replace("JOINT", "ROOT", 1)
    order = [
        line.split()[1]
        for line in body.splitlines()
        if line.startswith(("ROOT", "JOINT"))
    ]
    row = "0 16 0 " + " ".join(moved.get(name, "0 0 0") for name in order)
    rows = rows if rows is not None else [row] * frames
    return (
        f"HIERARCHY\n{body}MOTION\nFrames: {len(rows)}\nFrame Time: {step:.9f}\n"
        + "\n".join(rows)
        + "\n"
    )


def bvh_positions(path: Path, mend: bool = True) -> dict[str, Array]:
    r = read_bvh(path)
    skeleton = with_missing_bones(r.skeleton)[0] if mend else r.skeleton
    p = world_positions(skeleton, r.R_parent_node, r.root)
    return {name: p[:, i] for i, name in enumerate(skeleton.names)}


def test_bvh_in_closed_form(tmp_path: Path) -> None:
    p = bvh_positions(
        write(tmp_path, "a.bvh", bvh_text(LeftLeg="0 0 90", Hips="0 0 0")),
        mend=False,
    )
    assert np.allclose(p["LeftFoot"] - p["LeftLeg"], [[0, 0, -7]])
    assert np.allclose(
        p["LeftLeg"] - p["LeftUpLeg"], [[0, -7, 0]]
    )  # a joint turns its children, not itself
    p = bvh_positions(
        write(tmp_path, "a.bvh", bvh_text(LeftUpLeg="50 40 30")), mend=False
    )
    assert np.allclose(
        p["LeftLeg"] - p["LeftUpLeg"],
        [rot("z", 50) @ rot("y", 40) @ rot("x", 30) @ [0, -7, 0]],
    )


def test_cgspeed_bones_are_put_back_and_the_figure_is_the_asf_figure(
    tmp_path: Path,
) -> None:
    bvh = read_bvh(write(tmp_path, "a.bvh", bvh_text(LeftArm="0 30 0")))
    mended, which = with_missing_bones(bvh.skeleton)
    assert which == (
        "thorax (assumed as long as the upper back)",
        "left wrist",
        "right wrist",
    )
    amc = posed(tmp_path, amc_text(lhumerus="0 30 0"))
    ours = world_positions(mended, bvh.R_parent_node, bvh.root)[0]
    theirs = pick_joints(mended.names, CGSPEED_JOINTS, "a")
    for name, node in theirs.items():
        assert np.allclose(ours[node], amc[CMU_BONES[name]][0]), name
    short = bvh_positions(tmp_path / "a.bvh", mend=False)
    assert np.allclose(short["Neck"], short["Spine1"]) and np.allclose(
        short["LeftHand"], short["LeftFingerBase"]
    )


def test_thorax_is_exact_where_the_asf_is_given(tmp_path: Path) -> None:
    asf = read_asf(
        write(
            tmp_path,
            "7.asf",
            asf_text(
                **{
                    "name thorax\n direction 0 1 0": "name thorax\n direction 0.6 0.8 0"
                }
            ),
        )
    )
    skeleton = read_bvh(write(tmp_path, "a.bvh", bvh_text())).skeleton
    mended, which = with_missing_bones(skeleton, asf)
    assert which[0] == "thorax" and np.allclose(
        mended.offsets[mended.names.index("Neck")], [1.2, 1.6, 0]
    )
    again, nothing = with_missing_bones(mended, asf)
    assert nothing == () and np.array_equal(
        again.offsets, mended.offsets
    )  # whole skeletons stay as they are


def test_the_rest_pose_at_the_start_of_converted_files_is_dropped(
    tmp_path: Path,
) -> None:
    count = len(bvh_text().splitlines()[-1].split())
    rest, moving = (
        " ".join(["0"] * count),
        " ".join(["0", "16", "0"] + ["1"] * (count - 3)),
    )
    assert (
        len(
            read_bvh(
                write(tmp_path, "a.bvh", bvh_text([rest, moving, moving]))
            ).root
        )
        == 2
    )
    assert (
        len(read_bvh(write(tmp_path, "a.bvh", bvh_text([moving, moving]))).root)
        == 2
    )


def test_names_and_parents_are_those_of_the_set() -> None:
    assert (
        len(JOINTS) == 31
        and JOINTS[13] == "neck_base"
        and JOINTS[24] == "r_shoulder"
    )
    assert (
        set(CMU_BONES)
        == set(CGSPEED_JOINTS)
        == set(JOINTS)
        == {*PARENT_OF, "root"}
    )
    expected = (
        -1,
        0,
        1,
        2,
        3,
        4,
        0,
        6,
        7,
        8,
        9,
        0,
        11,
        12,
        13,
        14,
        15,
        13,
        17,
        18,
        19,
        20,
        21,
        20,
        13,
        24,
        25,
        26,
        27,
        28,
        27,
    )
    assert tuple(parents_of(JOINTS)) == expected
    some = ("root", "l_hip", "l_knee", "l_toetip", "neck_base", "l_elbow")
    assert parents_of(some) == [
        -1,
        0,
        1,
        2,
        0,
        4,
    ]  # the nearest ancestor that is there


def test_height_is_the_bones_end_to_end(tmp_path: Path) -> None:
    skeleton = read_asf(write(tmp_path, "7.asf", asf_text())).skeleton
    rest = dict(zip(skeleton.names, rest_positions(skeleton), strict=True))
    assert body_height_m(
        {ours: rest[bone] for ours, bone in CMU_BONES.items()}
    ) == pytest.approx(11 + 2.5 + 14 + 0.35 * 2)


def swinging(
    frames: int, fps: float, degrees: float = 20.0, hz: float = 1.0
) -> Recording:
    """Two bones of 1 unit; the second swings about z."""
    skeleton = Skeleton(
        ("root", "bone", "tip"),
        (-1, 0, 1),
        np.array([[0.0, 0, 0], [1, 0, 0], [1, 0, 0]]),
        False,
    )
    angle = math.radians(degrees) * np.sin(
        2 * math.pi * hz * np.arange(frames) / fps
    )
    R = np.broadcast_to(np.eye(3), (frames, 3, 3, 3)).copy()
    R[:, 1] = axis_rotations("z", angle)
    return Recording(skeleton, R, np.zeros((frames, 3)), fps, 1.0, "bvh")


def test_resampling_keeps_bone_lengths_and_slow_motion() -> None:
    p = at_30hz(swinging(480, 120.0), 0, 479)
    assert p.shape == (120, 3, 3)
    assert np.allclose(
        np.linalg.norm(p[:, 2] - p[:, 1], axis=-1), 1.0, atol=1e-6
    )
    angle = np.degrees(
        np.arctan2(p[:, 2, 1] - p[:, 1, 1], p[:, 2, 0] - p[:, 1, 0])
    )
    expected = 20.0 * np.sin(2 * math.pi * np.arange(120) / 30.0)
    assert np.abs(angle - expected)[5:-5].max() < 0.05
    fast = at_30hz(
        swinging(480, 120.0, hz=25.0), 0, 479
    )  # above half of 30 Hz: removed, not folded down
    assert np.abs(fast[10:-10, 2, 1]).max() < 0.05


def test_low_passed_matrices_become_rotations() -> None:
    mean = 0.5 * (
        axis_rotations("z", np.asarray(0.3))
        + axis_rotations("z", np.asarray(-0.1))
    )
    assert np.allclose(
        nearest_rotations(mean), axis_rotations("z", np.asarray(0.1))
    )
    assert np.allclose(
        np.linalg.det(nearest_rotations(np.diag([1.0, 1.0, -1e-3])[None])), 1.0
    )


def test_glitches_are_cut_with_a_margin_and_short_parts_are_left_out() -> None:
    joints = np.zeros((600, 2, 3))
    assert clean_spans(joints, 120.0) == [(0, 599)]
    joints[400, 1, 0] = 0.5  # 60 m/s there and back
    assert clean_spans(joints, 120.0) == [
        (0, 399 - 18 - 1),
        (401 + 18 + 1, 599),
    ]
    joints[480:, 1, 0] = (
        0.5  # a second one: what lies between the two, and after the second, is shorter than 1 s
    )
    assert clean_spans(joints, 120.0) == [(0, 380)]
    assert clean_spans(joints[:100], 120.0) == []


def test_command_writes_what_training_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, folder = tmp_path / "in", tmp_path / "cmu_mocap"
    source.mkdir()
    write(source, "7.asf", asf_text())
    write(source, "7_01.amc", amc_text(240, lfemur="-20 0 0"))
    write(source, "7_02.amc", amc_text(150))
    assert (
        main(
            [
                "--input",
                str(source),
                "--out",
                str(folder / "7.npz"),
                "--split",
                "val",
                "--description",
                "squat",
            ]
        )
        == 0
    )
    assert "Wrote 7.npz (2 clips, 31 joints)" in capsys.readouterr().out
    subject = read_cmu(folder)[0]
    assert subject.name == "cmu_7" and subject.landmark_names == JOINTS
    assert [
        (c.name, c.split, c.activity, len(c.points)) for c in subject.clips
    ] == [
        ("7_01", "val", "squat", 60),
        ("7_02", "val", "squat", 38),
    ]
    assert subject.stature_m == pytest.approx(
        28.2 * UNIT_M * CMU_STATURE_PER_HEAD_END, abs=2e-3
    )
    body, columns = start_subject(subject)  # the fit can start from it
    assert (
        float(body.lengths_m[LENGTHS.index("thigh")])
        == pytest.approx(7 * UNIT_M, abs=2e-3)
        and len(columns) > 20
    )
    first = subject.clips[0].points[0]
    toes = first[[JOINTS.index("r_toetip"), JOINTS.index("r_toebase")], 1]
    assert np.allclose(
        toes, 0.016, atol=2e-3
    )  # the floor lies 16 mm under the toe joints
    thigh = first[JOINTS.index("l_knee")] - first[JOINTS.index("l_hip")]
    expected = (
        7
        * UNIT_M
        * np.array([0, -math.cos(math.radians(20)), math.sin(math.radians(20))])
    )
    assert np.allclose(thigh, expected, atol=2e-3)


def test_a_second_subject_joins_the_index_and_a_repeated_one_is_replaced(
    tmp_path: Path,
) -> None:
    for name in ("a", "b"):
        write(tmp_path, f"{name}.bvh", bvh_text(frames=150, Spine="5 5 5"))
    out = tmp_path / "cmu_mocap"
    for subject in ("a", "b", "a"):
        assert (
            main(
                [
                    "--input",
                    str(tmp_path / f"{subject}.bvh"),
                    "--out",
                    str(out / f"{subject}.npz"),
                ]
            )
            == 0
        )
    with (out / "index.csv").open() as file:
        assert sorted(r["subject"] for r in csv.DictReader(file)) == ["a", "b"]
    assert {s.name for s in read_cmu(out)} == {"cmu_a", "cmu_b"}
    bare = write(tmp_path, "index.csv", "x,y\n1,2\n")
    assert (
        main(
            [
                "--input",
                str(tmp_path / "a.bvh"),
                "--out",
                str(tmp_path / "a.npz"),
            ]
        )
        == 2
    )
    assert (
        bare.read_text() == "x,y\n1,2\n"
    )  # nobody else's table is overwritten


def test_other_skeletons_by_name_table_and_z_up(tmp_path: Path) -> None:
    swap = {"LeftUpLeg": "L_Thigh", "Hips": "Bip"}
    text = bvh_text(frames=150, Spine="5 5 5")
    for old, new in swap.items():
        text = text.replace(f" {old}\n", f" rig:{new}\n")
    path = write(tmp_path, "other.bvh", text)
    with pytest.raises(InputError, match="shows no root, l_hip .*--names"):
        clips_of(read_bvh(path), "other", Labels())
    names = CGSPEED_JOINTS | {"root": "Bip", "l_hip": "L_Thigh"}
    clips = clips_of(read_bvh(path), "other", Labels(names=names))
    assert len(clips) == 1 and clips[0].joint_names == JOINTS
    with pytest.raises(
        InputError, match="does not point along .Y; give --up z"
    ):
        clips_of(read_bvh(path), "other", Labels(names=names, z_up=True))


def test_wrong_unit_is_refused_with_the_height_that_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a.bvh", bvh_text(frames=150, Spine="5 5 5"))
    arguments = [
        "--input",
        str(tmp_path / "a.bvh"),
        "--out",
        str(tmp_path / "a.npz"),
    ]
    assert main([*arguments, "--unit_m", "1"]) == 2
    assert "m tall at 1 m per unit" in capsys.readouterr().err
    assert (
        main([*arguments, "--unit_m", "0"]) == 2
        and main([*arguments[:3], str(tmp_path / "a b.npz")]) == 2
    )


ASF_FAULTS = {
    "no :hierarchy": ":bonedata\nbegin\n name a\nend\n",
    "two parents or is part of a loop": asf_text(
        **{"lfemur ltibia": "lfemur ltibia\nltoes lfemur"}
    ),
    "which :bonedata does not have": asf_text(
        **{"lfemur ltibia": "lfemur nobody"}
    ),
    "3 finite numbers are needed": asf_text(
        **{"direction 0.8 -0.6 0\n": "direction 0.8 nan 0\n"}
    ),
    "each of rx, ry, rz at most once": asf_text(
        **{"dof rx ry rz": "dof rx rx tz"}
    ),
    "above zero": asf_text(**{"length 0.45": "length 0"}),
    "an order of X, Y and Z": asf_text(**{"0 0 0 XYZ": "0 0 0 XYX"}),
    "names must differ": asf_text(**{"name ltibia": "name lfemur"}),
    "TX TY TZ RX RY RZ in any order": asf_text(
        **{"order TX TY TZ RX RY RZ": "order TX TY"}
    ),
}
AMC_FAULTS = {
    "has no frames": ":DEGREES\n",
    "3 finite numbers are needed there": amc_text(ltibia="1 2"),
    "which its skeleton does not have": amc_text() + "tail 1 2 3\n",
    "has bone 'lfemur' 0 times": amc_text().replace("lfemur 0 0 0\n", ""),
    "has bone 'lfemur' 2 times": amc_text().replace(
        "lfemur 0 0 0\n", "lfemur 0 0 0\n" * 2
    ),
}
_ROW = bvh_text().splitlines()[-1]
BVH_FAULTS = {
    "has no MOTION part": bvh_text().split("MOTION")[0],
    "before the hierarchy is closed": bvh_text().replace("}\nMOTION", "MOTION"),
    "never opened": bvh_text().replace("}\nMOTION", "}\n}\nMOTION"),
    "opens without a joint": "HIERARCHY\n{\nOFFSET 0 0 0\n}\nMOTION\n",
    "one ROOT and, inside it, joints": "HIERARCHY\nJOINT a\n{\n}\nMOTION\n",
    "is empty or taken": bvh_text().replace("LeftLeg", "LeftUpLeg"),
    "only the root may": bvh_text().replace(
        C3, "CHANNELS 3 Xposition Yrotation Xrotation", 1
    ),
    "the count and X/Y/Zposition/rotation": bvh_text().replace(
        C3, "CHANNELS 2 Zrotation Yrotation Xrotation", 1
    ),
    "both must agree": bvh_text().replace("Frames: 1", "Frames: 9"),
    "1 finite numbers are needed": bvh_text().replace(
        "Frames: 1", "Frames: many"
    ),
    "finite numbers are needed there": bvh_text([_ROW.replace("16", "inf")]),
    "that is not BVH": "<html>\n" + bvh_text(),
    "stands outside a joint": "HIERARCHY\nOFFSET 1 2 3\n" + bvh_text(),
    "not a text file": "HIERARCHY\0\n",
}


@pytest.mark.parametrize("sentence", ASF_FAULTS)
def test_malformed_skeletons_are_refused_in_one_sentence(
    sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=r"^[^\n]*" + sentence.replace(".", r"\.")
    ) as error:
        read_asf(write(tmp_path, "bad.asf", ASF_FAULTS[sentence]))
    assert str(error.value).startswith("bad.asf") and str(tmp_path) not in str(
        error.value
    )


@pytest.mark.parametrize("sentence", AMC_FAULTS)
def test_malformed_motions_are_refused_in_one_sentence(
    sentence: str, tmp_path: Path
) -> None:
    skeleton = read_asf(write(tmp_path, "7.asf", asf_text()))
    with pytest.raises(InputError, match=r"^bad\.amc[^\n]*" + sentence):
        read_amc(
            write(tmp_path, "bad.amc", AMC_FAULTS[sentence]), skeleton, 120.0
        )


@pytest.mark.parametrize("sentence", BVH_FAULTS)
def test_malformed_bvh_is_refused_in_one_sentence(
    sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"^bad\.bvh[^\n]*" + sentence):
        read_bvh(write(tmp_path, "bad.bvh", BVH_FAULTS[sentence]))


def test_deep_and_huge_files_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "HIERARCHY\nROOT a\n{\n" + "".join(
        f"JOINT j{n}\n{{\n" for n in range(5000)
    )
    with pytest.raises(InputError, match="at most 64 deep"):
        read_bvh(write(tmp_path, "deep.bvh", deep))
    wide = "HIERARCHY\nROOT a\n{\n" + "".join(
        f"JOINT j{n}\n{{\n}}\n" for n in range(300)
    )
    with pytest.raises(InputError, match="257 joints; at most 256"):
        read_bvh(write(tmp_path, "wide.bvh", wide))
    chain = "".join(f"b{n} b{n + 1}\n" for n in range(200))
    bones = "".join(
        f"begin\nname b{n}\ndirection 0 1 0\nlength 1\nend\n"
        for n in range(201)
    )
    long = read_asf(
        write(
            tmp_path,
            "chain.asf",
            f":bonedata\n{bones}:hierarchy\nbegin\nroot b0\n{chain}end\n",
        )
    )
    assert (
        rest_positions(long.skeleton)[-1, 1] == 201.0
    )  # a long chain is fine: nothing recurses
    with pytest.raises(
        InputError, match="at most .* are allowed: cut the file"
    ):
        read_bvh(
            write(
                tmp_path,
                "many.bvh",
                bvh_text().replace("Frames: 1", "Frames: 999999999"),
            )
        )
    monkeypatch.setattr(
        "musclepose.fitting.import_skeleton.MAX_FILE_BYTES", 1000
    )
    with pytest.raises(InputError, match="MB; at most"):
        read_bvh(write(tmp_path, "a.bvh", bvh_text(frames=30)))


def test_command_line_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "o.npz")

    def refused(*arguments: str) -> str:
        assert main([*arguments, "--out", out]) == 2
        said = capsys.readouterr().err.strip()
        assert said and "\n" not in said and not Path(out).exists()
        return said

    assert "holds 0 .amc or .bvh files" in refused(
        "--input", str(tmp_path / "nowhere")
    )
    amc = write(tmp_path, "9_01.amc", amc_text(200))
    assert "give --skeleton" in refused("--input", str(amc))
    write(tmp_path, "9.asf", asf_text())
    assert "give --fps" in refused("--input", str(amc), "--fps", "12")
    short = write(tmp_path, "9_02.amc", amc_text(20))
    assert "Nothing in 9_02.amc lasts 1 s" in refused("--input", str(short))
    bad = write(tmp_path, "names.json", '{"elbow": 3}')
    assert "must be a JSON object" in refused(
        "--input", str(amc), "--names", str(bad)
    )
    bomb = write(tmp_path, "bomb.json", "[" * 100_000)
    assert "must be a JSON object" in refused(
        "--input", str(amc), "--names", str(bomb)
    )
    far = write(tmp_path, "9_03.amc", amc_text(200, root="9999 16 0 0 0 0"))
    assert "32 m are allowed" in refused("--input", str(far))
    reserved = write(tmp_path, "fps.amc", amc_text(200))
    assert "rename it" in refused(
        "--input", str(reserved), "--skeleton", str(tmp_path / "9.asf")
    )


def test_stored_numbers_are_millimetres(tmp_path: Path) -> None:
    write(tmp_path, "7.asf", asf_text())
    r = read_amc(
        write(tmp_path, "7_01.amc", amc_text(130)),
        read_asf(tmp_path / "7.asf"),
        120.0,
    )
    clip = clips_of(r, "7_01", Labels())[0]
    stored = millimetres(clip)
    assert (
        stored.dtype == np.int16
        and np.abs(stored / 1000.0 - clip.joints_m).max() <= 0.0005 + 1e-9
    )
