"""Renders the settings as a commented TOML file. Pure."""

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from types import MappingProxyType

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from relay.settings.model import Settings
from relay.settings.types import takes

HEADING = """\
# The settings of a Helpdesk relay. A line that begins with # sets nothing; take the # away from
# those lines with an = that you want to change. `helpdesk config check` tells what is wrong, and
# `helpdesk config show` where each value comes from. A flag or a HELPDESK_ variable goes before.
"""
SITES = """
# Further sites, each a table such as this one; its pages say data-site="shop".
#[sites.shop]
#origins = ["https://shop.example"]
#greeting = "Welcome to the shop!"
#greetings = {}
#identity_keys = {}
#require_identity = false
"""
WEBHOOKS = """
# Addresses that are told of what happens, each a table such as this one; see docs/webhooks.md.
#[webhooks.crm]
#url = "https://crm.example/helpdesk"
#secrets = []
#events = ["opened", "message", "claimed", "closed", "rated"]
#words = false
"""


def starter(values: Mapping[str, object] = MappingProxyType({})) -> str:
    """Return a file that explains every setting and sets those in *values*, by their names."""
    fields = dict(Settings.model_fields)
    del fields["sites"], fields["webhooks"]
    console = fields.pop("console").default
    own = "".join(_lines(fields, values))
    agents = "".join(_lines(type(console).model_fields, {}))
    tables = f"{SITES}{WEBHOOKS}\n# How the console looks and tells.\n#[console]\n"
    return f"{HEADING}{own}{tables}{agents}"


def _lines(fields: Mapping[str, FieldInfo], values: Mapping[str, object]) -> Iterator[str]:
    for name, field in fields.items():
        said = f"{field.description} It takes {takes(field)}."
        yield "\n" + "".join(f"# {line}\n" for line in wrap(said, 96, break_long_words=False))
        if name in values:
            yield f"{name} = {_toml(values[name])}\n"
        else:
            yield f"#{name} = {_toml(field.examples[0] if field.examples else field.default)}\n"


def _toml(value: object) -> str:
    if isinstance(value, BaseModel | Mapping):
        return "{}"
    # Of strings, numbers, booleans and lists JSON writes what TOML reads, if in Unicode.
    return json.dumps(value, ensure_ascii=False)
