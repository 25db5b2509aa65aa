"""Actions on the console itself: command palette, theme, mouse, help, redraw."""

from helpdesk_tui.keys import Key, Scope
from helpdesk_tui.widgets.dialogs import HelpDialog
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.workspace import ActionGroup


class AppearanceActions(ActionGroup):
    """The actions on the console itself."""

    def action_palette(self) -> None:
        """Choose an action by its name, and run it."""
        keys: dict[str, list[Key]] = {}
        for key in self._workspace.keymap.keys:
            keys.setdefault(key.action, []).append(key)
        choices = [
            Choice(action, same[0].help.capitalize(), " ".join(key.display for key in same))
            for action, same in keys.items()
        ]

        async def run(action: str | None) -> None:
            if action is not None:
                await self.run_key(keys[action][0])

        self._app.push_screen(Picker("Every action", choices, hint="No such action."), run)

    async def run_key(self, key: Key) -> None:
        """Run the action of *key* on the widget of its scope."""
        if key.action.startswith("app."):
            await self._app.run_action(key.action)
        elif key.scope is Scope.LIST:
            await self._screen.list.run_action(key.action)
        else:
            await self._screen.composer.run_action(key.action)

    def action_colours(self) -> None:
        """Choose other colours for this session."""
        now = self._app.theme
        names = sorted(self._app.available_themes, key=lambda name: (name != now, name))
        choices = [Choice(name, name, "now" if name == now else "") for name in names]

        def paint(chosen: str | None) -> None:
            if chosen is not None:
                self._app.theme = chosen

        self._app.push_screen(Picker("Colours, for this session", choices), paint)

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, whose own selection then works, or take it again."""
        key = self._workspace.keymap.display("everywhere.mouse")
        if (driver := self._workspace.terminal.driver) is None:
            self._workspace.show_notice("There is no mouse here.")
        elif driver.use_mouse(on=not driver.mouse):
            self._workspace.show_notice("The mouse is the console's again.")
        else:
            self._workspace.show_notice(
                f"The mouse is the terminal's now, to select with; {key} takes it back."
            )

    def action_help(self) -> None:
        """Show every key."""
        self._app.push_screen(
            HelpDialog(self._workspace.keymap.keys, self._workspace.keymap.keys_for("app.help"))
        )

    def action_help_quit(self) -> None:
        """Show how to quit; replaces Textual's own notice on Ctrl+C, which covers the composer."""
        self._workspace.show_notice(
            f"{self._workspace.keymap.display('everywhere.quit')} quits; what is unsent is kept."
        )

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        self._app.refresh(layout=True)
