"""The console's own colours: calm, with enough contrast, and never the only sign of anything."""

from textual.theme import Theme

THEME = Theme(
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

STYLES = """
#panes { height: 1fr; }
#list { width: 38; background: $surface; }
#chat { width: 1fr; }
#head { height: auto; max-height: 2; background: $panel; }
#timeline { height: 1fr; }
#below { height: 1; }
#composer {
    height: auto; min-height: 1; max-height: 8; background: $surface; margin: 0 1; padding: 0 1;
    border: round $foreground 25% !important;
    &:focus { border: round $primary !important; }
}
#status { background: $panel; }
Footer { background: $surface; }
.-nothing #head, .-nothing #composer, .-nothing #below { display: none; }
Screen.-narrow #list { width: 1fr; }
Screen.-narrow #chat { display: none; }
Screen.-narrow.-chat #list { display: none; }
Screen.-narrow.-chat #chat { display: block; }
Screen.-wide #list { width: 42; }
ToastRack { dock: top; align: right top; margin: 2 0 0 0; }
Toast { width: auto; max-width: 56; }
"""
BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
