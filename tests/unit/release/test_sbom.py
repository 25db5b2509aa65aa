"""The bill of materials lists what is installed, who needs it, and the files."""

import json
from pathlib import Path
from typing import Any

from hatch_build import Pin, runtime_pins
from release.environment import requirements
from release.sbom import bill_of_materials

LOCK = """\
# made by a tool
brick==1.2.3 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via helpdesk (pyproject.toml)
builder==9.0 \\
    --hash=sha256:{a}
    # via helpdesk (pyproject.toml:build)
clay==0.5 ; sys_platform == 'win32' \\
    --hash=sha256:{b}
    # via
    #   brick
    #   builder
""".format(a="a" * 64, b="b" * 64)


def bill(pins: list[Pin]) -> dict[str, Any]:
    licences, files = {"brick": "MIT"}, {"helpdesk.whl": "c" * 64}
    made = bill_of_materials("0.2.0", pins, licences, files, 1_700_000_000)
    read: dict[str, Any] = json.loads(json.dumps(made))
    return read


def test_a_lock_file_says_what_runs_and_what_only_builds() -> None:
    brick, clay = runtime_pins(LOCK)
    assert brick.requirement == "brick==1.2.3"
    assert brick.hashes == ("a" * 64, "b" * 64)
    assert clay.requirement == "clay==0.5 ; sys_platform == 'win32'"
    assert clay.parents == {"brick", "builder"}


def test_installers_get_each_pin_with_its_hashes() -> None:
    assert requirements(runtime_pins(LOCK)).splitlines() == [
        f"brick==1.2.3 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}",
        f"clay==0.5 ; sys_platform == 'win32' --hash=sha256:{'b' * 64}",
    ]


def test_it_lists_the_libraries_with_licence_and_platform() -> None:
    brick, clay = bill(runtime_pins(LOCK))["components"]
    assert brick == {
        "type": "library",
        "bom-ref": "pkg:pypi/brick@1.2.3",
        "name": "brick",
        "version": "1.2.3",
        "licenses": [{"expression": "MIT"}],
        "purl": "pkg:pypi/brick@1.2.3",
    }
    assert "licenses" not in clay, "nobody has said it"
    assert clay["properties"][0]["value"] == "sys_platform == 'win32'"


def test_it_says_who_needs_what() -> None:
    needs = {one["ref"]: one["dependsOn"] for one in bill(runtime_pins(LOCK))["dependencies"]}
    assert needs == {
        "pkg:pypi/helpdesk@0.2.0": ["pkg:pypi/brick@1.2.3"],
        "pkg:pypi/brick@1.2.3": ["pkg:pypi/clay@0.5"],
        "pkg:pypi/clay@0.5": [],
    }


def test_it_is_the_same_for_the_same_release() -> None:
    once, again = bill(runtime_pins(LOCK)), bill(runtime_pins(LOCK))
    assert once == again
    assert once["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    [file] = once["metadata"]["component"]["components"]
    assert file["hashes"] == [{"alg": "SHA-256", "content": "c" * 64}]
    assert bill(runtime_pins(LOCK)[:1])["serialNumber"] != once["serialNumber"]


def test_every_library_of_the_lock_file_is_needed_by_somebody_in_it() -> None:
    made = bill(runtime_pins((Path(__file__).parents[3] / "requirements.lock").read_text()))
    needed = {ref for one in made["dependencies"] for ref in one["dependsOn"]}
    assert {one["bom-ref"] for one in made["components"]} == needed
