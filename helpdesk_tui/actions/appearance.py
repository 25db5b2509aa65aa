"""Actions on the console itself: command palette, theme, mouse, help, redraw."""

from textual import on

from helpdesk_tui.app_base import Workplace
from helpdesk_tui.keys import Key, Where
from helpdesk_tui.terminal import Driver
from helpdesk_tui.widgets.dialogs import Help
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.widgets.status import KeyBar


class Suiting(Workplace):
    """The actions on the console itself."""

    def action_palette(self) -> None:
        """Find an action by its name, and do it."""
        keys: dict[str, list[Key]] = {}
        for key in self.keymap.keys:
            keys.setdefault(key.action, []).append(key)
        choices = [
            Choice(action, same[0].help.capitalize(), " ".join(key.shown for key in same))
            for action, same in keys.items()
        ]

        async def act(action: str | None) -> None:
            if action is not None:
                await self._act(keys[action][0])

        self.push_screen(Picker("Every action", choices, hint="No such action."), act)

    @on(KeyBar.Clicked)
    async def _click_key(self, clicked: KeyBar.Clicked) -> None:
        await self._act(clicked.key)

    async def _act(self, key: Key) -> None:
        """Do what *key* does where it works."""
        if key.action.startswith("app."):
            await self.run_action(key.action)
        elif key.where is Where.LIST:
            await self.panes.list.run_action(key.action)
        else:
            await self.panes.composer.run_action(key.action)

    def action_colours(self) -> None:
        """Choose other colours for this session."""
        now = self.theme
        names = sorted(self.available_themes, key=lambda name: (name != now, name))
        choices = [Choice(name, name, "now" if name == now else "") for name in names]

        def paint(chosen: str | None) -> None:
            if chosen is not None:
                self.theme = chosen

        self.push_screen(Picker("Colours, for this session", choices), paint)

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, whose own selection then works, or take it again."""
        key = self.keymap.shown("everywhere.mouse")
        if not isinstance(self._driver, Driver):
            self.say("There is no mouse here.")
        elif self._driver.use_mouse(on=not self._driver.mouse):
            self.say("The mouse is the console's again.")
        else:
            self.say(f"The mouse is the terminal's now, to select with; {key} takes it back.")

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help(self.keymap.keys, self.keymap.of("app.help")))

    def action_help_quit(self) -> None:
        """Say how to quit; it replaces Textual's own word on Ctrl+C, which covers the composer."""
        self.say(f"{self.keymap.shown('everywhere.quit')} quits; what is unsent is kept.")

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        self.refresh(layout=True)
