"""Renders the settings as docs/settings.md and as the flags of the command. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from relay.settings.model import Console, Settings, Site, Webhook, default_database
from relay.settings.types import metavar, takes

PLACES: Mapping[object, str] = {default_database: "`helpdesk.db` in the user's data folder"}

HEADING = ("setting", "default", "what it is for", "it takes")

PAGE = """\
# Settings

<!-- Made from relay/settings/model.py by `python -m cli.docs_pages`; do not edit. -->

Each setting has one name. The port is `--port` as a flag, `HELPDESK_PORT` in the environment and
`port` in `helpdesk.toml`. A flag beats the environment, the environment beats the file, and the
file beats the default. An empty variable counts as not set.

The file is the one that `--config` or `HELPDESK_CONFIG` names. Without either it is `helpdesk.toml`
in the current folder or, if there is none, in the user's configuration folder, which is
`~/.config/helpdesk` on Linux, or else in `/etc/helpdesk`, for who may read that. It is in UTF-8,
with or without a byte order mark. An unknown key is
refused, so that typing errors are noticed. A variable that begins with `HELPDESK_` and is no
setting sets nothing; `helpdesk serve` logs it as a warning with the one that may be meant, and
`helpdesk config check` and `helpdesk doctor` tell it.

A value in quotes, such as `HELPDESK_PORT="8765"` in a file for `docker run --env-file`, which takes
none off, is refused for every variable. Kubernetes sets variables for a Service called `helpdesk`,
such as `HELPDESK_PORT=tcp://10.43.12.3:8765`; they set nothing here, and `helpdesk config show`
names them.

A user without a home folder (a container that runs as a number, without `HOME`) has to name the
places: `HELPDESK_DATABASE`, for `helpdesk login` also `XDG_CONFIG_HOME`, and for the console
`XDG_STATE_HOME`.

{table}

Identity keys, sites, webhooks and the token of the metrics have no flag, because all users of a
machine can see its command lines. In the environment, identity keys, sites, webhooks and texts by
language are written as JSON. For the same reason, set an agent's token as `HELPDESK_TOKEN` or with
`helpdesk login` rather than as `--token`.

Unless a setting removes their limit, agents may send {agents:g} messages a second and {agent_burst}
at once. All other frames are limited to {others:g} a second and {others_burst} at once.

## Hosts

`host` names one address or several: `--host 127.0.0.1 --host ::1`, `HELPDESK_HOST=127.0.0.1,::1`,
or a list in the file. All have the same port, a free one for `port = 0`. `::` hears IPv4 as well as
IPv6; beside an IPv4 address, which then says where IPv4 is heard, it hears IPv6 alone.

## Origins

The origin of a page is its scheme, host and, if it is not the default, port. The widget works on
pages of the listed origins and of the relay's own, which is that of `public_url` or, if that is
not set, of the address that the relay listens on. On the loopback address, or on all addresses,
`localhost`, `127.0.0.1` and `[::1]` are its own too, and on all addresses the one that was reached.

## Several sites

One relay can serve several web sites, each with its own greeting and keys:

```toml
allowed_origins = ["https://www.example.com"]

[sites.shop]
origins = ["https://shop.example"]
greeting = "Welcome to the shop! What are you looking for?"
greetings.de = "Willkommen im Laden! Was suchen Sie?"

[sites.shop.identity_keys]
"2026" = "a long random secret"
```

A page names its site in the widget's tag: `data-site="shop"`. Without that its site is `default`,
defined by `allowed_origins`, `greeting`, `greetings`, `identity_keys` and `require_identity`. A
site has:

{site}

A site without `greeting` has that of the default site, with its `greetings`; one without
`require_identity` has that too.

## Languages

The greeting and the away message come in the language of the customer's panel, if there is one
for it: `pt-br` is looked up before `pt`, and `greeting` and `away_message` are for all others.

```toml
greeting = "Hello! What can we do for you?"
greetings.de = "Guten Tag! Was können wir für Sie tun?"
away_message = "We are back at nine."
away_messages.de = "Wir sind ab neun Uhr wieder da."
```

As long as `greeting` or `away_message` is not set, it comes in the widget's seven languages. All
other sentences are the [widget's own](widget.md), with settings for a language as well.

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


FLAGS = '''\
"""Metavar and help of each setting that is a flag; `--help` does not load the settings for them.

Made from relay/settings/model.py by `python -m cli.docs_pages`; do not edit.
"""

SETTING_FLAGS: dict[str, tuple[str, str]] = {{
{rows}}}
'''
HELP_WIDTH = 89
"""Characters of a line in the generated module, so that it is formatted as all others are."""


def flags() -> str:
    """Return cli/setting_flags.py."""
    return FLAGS.format(rows="".join(_flag_rows()))


def _flag_rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        shown = metavar(field)
        if shown is not None:
            text = field.description or ""
            parts = [text] if len(text) <= HELP_WIDTH else wrap(text, HELP_WIDTH - 1)
            texts = [f"{part} " for part in parts[:-1]] + parts[-1:]
            lines = "\n".join(f"        {json.dumps(one, ensure_ascii=False)}" for one in texts)
            yield f'    "{name}": (\n        "{shown}",\n{lines},\n    ),\n'


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
        (f"`{name}`", _default(field), field.description or "", takes(field))
        for name, field in fields.items()
    ]
    return "\n".join(_row(cells) for cells in (heading, ["---"] * len(heading), *rows))


def _short(fields: Mapping[str, FieldInfo]) -> str:
    return "\n".join(f"- `{name}`: {takes(field)}" for name, field in fields.items())


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _default(field: FieldInfo) -> str:
    if field.default_factory:
        return PLACES[field.default_factory]
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, BaseModel):
        return "not set"
    if isinstance(field.default, tuple) and field.default:
        return f"`{','.join(field.default)}`"
    return f"`{field.default}`" if field.default or field.default == 0 else "not set"
