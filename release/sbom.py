"""The software bill of materials of a release, as CycloneDX JSON. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from hatch_build import PROJECT, Pin

JsonObject = dict[str, object]


def bill_of_materials(
    version: str,
    pins: Sequence[Pin],
    licences: Mapping[str, str],
    files: Mapping[str, str],
    made_at: int,
) -> JsonObject:
    """Return the bill of release *version*: itself, what *pins* pin, and who needs what.

    *licences* are SPDX expressions or names by package, as far as known; *files* the SHA-256 of
    the release's files by name. The same arguments give the same bill; *made_at* is in seconds
    since 1970. The format is CycloneDX 1.6.
    """
    own = _purl("helpdesk", version)
    names = {pin.name: _purl(pin.name, pin.version) for pin in pins}
    needs = {own: [names[pin.name] for pin in pins if PROJECT in pin.parents]} | {
        names[parent.name]: [names[pin.name] for pin in pins if parent.name in pin.parents]
        for parent in pins
    }
    content = "\n".join([own, *names.values(), *files.values()])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                **_component("helpdesk", version, "application", "MIT"),
                "components": [_file(name, digest) for name, digest in files.items()],
            },
        },
        "components": [
            {**_component(pin.name, pin.version, "library", licences.get(pin.name)), **_marker(pin)}
            for pin in pins
        ],
        "dependencies": [{"ref": ref, "dependsOn": needed} for ref, needed in needs.items()],
    }


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _component(name: str, version: str, kind: str, licence: str | None) -> JsonObject:
    purl = _purl(name, version)
    own: JsonObject = {"type": kind, "bom-ref": purl, "name": name, "version": version}
    if licence:
        own["licenses"] = [{"expression": licence}]
    return {**own, "purl": purl}


def _marker(pin: Pin) -> JsonObject:
    """Return on which platforms alone *pin* is installed, if not on all."""
    if not pin.marker:
        return {}
    return {"properties": [{"name": "helpdesk:environment-marker", "value": pin.marker}]}


def _file(name: str, digest: str) -> JsonObject:
    return {
        "type": "file",
        "bom-ref": name,
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
