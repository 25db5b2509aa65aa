"""Renders the settings as the page docs/settings.md. Pure."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from relay.settings.model import Console, Settings, Site, Webhook
from relay.settings.types import takes

PLACES = {"database": "`helpdesk.db` in the user's data folder"}

HEADING = ("setting", "default", "what it is for", "it takes")

PAGE = """\
# Settings

<!-- Made from relay/settings/model.py by `python -m cli.docs_pages`; do not edit. -->

Each setting has one name. The port is `--port` as a flag, `HELPDESK_PORT` in the environment and
`port` in `helpdesk.toml`. A flag beats the environment, the environment beats the file, and the
file beats the default. An empty variable counts as not set.

The file is the one that `--config` or `HELPDESK_CONFIG` names. Without either it is `helpdesk.toml`
in the current folder or, if there is none, in the user's configuration folder, which is
`~/.config/helpdesk` on Linux. An unknown key is refused, so that typing errors are noticed.

{table}

Identity keys, sites, webhooks and the token of the metrics have no flag, because all users of a
machine can see its command lines. In the environment, identity keys, sites and webhooks are written
as JSON. For the same reason, set an agent's token as `HELPDESK_TOKEN` or with `helpdesk login`
rather than as `--token`.

`0` in `messages_per_second` or `burst` removes the limit on messages for agents too, who otherwise
may send {agents:g} a second and {agent_burst} at once. All other frames are limited to
{others:g} a second and {others_burst} at once.

## Origins

The origin of a page is its scheme, host and, if it is not the default, port. The widget works on
pages of the listed origins and of the relay's own, which is that of `public_url` or, if that is
not set, of the address that the relay listens on.

## Several sites

One relay can serve several web sites, each with its own greeting and keys:

```toml
allowed_origins = ["https://www.example.com"]

[sites.shop]
origins = ["https://shop.example"]
greeting = "Welcome to the shop! What are you looking for?"

[sites.shop.identity_keys]
"2026" = "a long random secret"
```

A page names its site in the widget's tag: `data-site="shop"`. Without that its site is `default`,
defined by `allowed_origins`, `greeting`, `identity_keys` and `require_identity`. A site has:

{site}

A site without `greeting` or `require_identity` uses those of the default site.

## Webhooks

[Webhooks](webhooks.md) send the desk's events to other programs. Each has a table, under the name
that the commands use for it:

```toml
[webhooks.crm]
url = "https://crm.example/helpdesk"
secrets = ["whsec_..."]
events = ["opened", "closed", "rated"]
```

{webhook}

Without `events` it receives the first five of them. With `words = true` the body includes texts,
names and emails; without, only that an event happened.

## The console

An agent's settings for the console are in the table `console`:

```toml
[console]
theme = "high-contrast"
notify_words = true

[console.keys.list]
claim = "C"

[console.keys.writing]
send = "ctrl+s"
newline = "enter"
```

{console}

[The console's page](console.md) lists the themes and, for `keys`, the actions.
"""


def page() -> str:
    """Return docs/settings.md."""
    settings = Settings()
    return PAGE.format(
        table=_table(Settings.model_fields, HEADING),
        site=_short(Site.model_fields),
        webhook=_short(Webhook.model_fields),
        console=_table(Console.model_fields, HEADING),
        agents=settings.agent_messages_per_second,
        agent_burst=settings.agent_burst,
        others=settings.other_frames_per_second,
        others_burst=settings.other_frames_burst,
    )


def _table(fields: Mapping[str, FieldInfo], heading: Sequence[str]) -> str:
    rows = [
        (f"`{name}`", _default(name, field), field.description or "", takes(field))
        for name, field in fields.items()
    ]
    return "\n".join(_row(cells) for cells in (heading, ["---"] * len(heading), *rows))


def _short(fields: Mapping[str, FieldInfo]) -> str:
    return "\n".join(f"- `{name}`: {takes(field)}" for name, field in fields.items())


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _default(name: str, field: FieldInfo) -> str:
    if name in PLACES:
        return PLACES[name]
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, BaseModel):
        return "not set"
    return f"`{field.default}`" if field.default or field.default == 0 else "not set"
