"""The console's colours and its layout: three themes of its own, and never colour alone.

`terminal` takes the sixteen colours that the terminal itself has; every theme of Textual's is there
too.
"""

from textual.theme import Theme

OWN = Theme(
    name="helpdesk",
    primary="#6c9bd2",
    secondary="#a48fd1",
    accent="#7cc0d8",
    success="#8fbf7f",
    warning="#dfb366",
    error="#e08585",
    foreground="#d8dee6",
    background="#14181d",
    surface="#181d23",
    panel="#20262e",
    dark=True,
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffffff",
    secondary="#ff9cff",
    accent="#5ce6ff",
    success="#5cff5c",
    warning="#ffff3c",
    error="#ff8a8a",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={"text-muted": "#e0e0e0", "block-cursor-foreground": "#000000"},
)
OWN_THEMES = (OWN, HIGH_CONTRAST)
TERMINAL = "terminal"
TERMINALS_OWN = "ansi-dark"
"""Textual's name for the theme of the terminal's own colours."""

STYLES = """
#panes { height: 1fr; }
#list-pane { width: 38; }
#list { background: $surface; }
#filter { display: none; padding: 0 1; background: $boost; }
#list-pane.-filtered #filter { display: block; }
#chat { width: 1fr; }
#info { display: none; width: 36; padding: 0 1; background: $surface; }
Screen.-info #info { display: block; }
#head { height: auto; max-height: 2; background: $panel; }
#timeline { height: 1fr; }
#below { height: 1; }
#composer {
    min-width: 12; height: auto; min-height: 1; max-height: 8;
    background: $surface; margin: 0 1; padding: 0 1;
    border: round $foreground 25% !important;
    &:focus { border: round $primary !important; }
    &.-note { border: heavy $warning !important; background: $warning 12%; }
}
#composer > .text-area--placeholder { color: $foreground 70%; }
#status { background: $panel; }
#keys { background: $surface; }
.-nothing #head, .-nothing #composer, .-nothing #below { display: none; }
.-nothing #composer.-gone { display: block; }
Screen.-no-list #list-pane { display: none; }
Screen.-narrow #list-pane { display: block; width: 1fr; }
Screen.-narrow #chat { display: none; }
Screen.-narrow.-chat #list-pane { display: none; }
Screen.-narrow.-chat #chat { display: block; }
Screen.-narrow.-chat.-info #chat { display: none; }
Screen.-narrow.-chat.-info #info { width: 1fr; }
Screen.-narrow.-info #info { width: 1fr; }
Screen.-normal.-info #list-pane { display: none; }
Screen.-wide #list-pane { width: 42; }
#notice { display: none; height: auto; max-height: 3; padding: 0 1; background: $warning 20%; }
#notice.-told { display: block; }
"""
BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
