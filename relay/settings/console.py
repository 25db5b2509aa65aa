"""How the console looks and speaks to one agent: the table ``console`` of the settings. Data alone.

Which keys and themes there are, the console knows; it refuses others with a sentence.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from relay.settings.kinds import Takes

Yes = Annotated[bool, Takes("true or false")]


class Console(BaseModel):
    """What an agent may set for their own console."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    theme: Annotated[str, Takes("a theme's name, such as `helpdesk` or `high-contrast`")] = Field(
        default="helpdesk", description="The colours; `terminal` takes the terminal's own."
    )
    mouse: Yes = Field(default=True, description="Whether the mouse works, as without --no-mouse.")
    notify: Annotated[
        Literal["auto", "9", "777", "99", "bell", "off"], Takes("auto, 9, 777, 99, bell or off")
    ] = Field(
        default="auto",
        description="How to tell of who waits: by an OSC sequence, the bell alone, or not.",
    )
    notify_words: Yes = Field(
        default=False, description="Whether a notification shows the customer's name and words."
    )
    remind: Annotated[int, Field(ge=0), Takes("seconds, or 0 for never")] = Field(
        default=60, description="Seconds until a notification is repeated while nobody claims."
    )
    keys: Annotated[
        Mapping[str, Mapping[str, str]],
        Takes("tables `list`, `writing` and `everywhere` of keys by action"),
    ] = Field(default={}, description="Other keys for actions.")
