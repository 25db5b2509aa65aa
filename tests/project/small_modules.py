"""Modules that are small and used once, and stems that are used twice, each with its reason."""

COMMAND = "a file for each command, named as the command"

SMALL_MODULES: dict[str, str] = {
    "cli/check.py": COMMAND,
    "cli/completion.py": COMMAND,
    "cli/completion_shells.py": "imports Typer's own modules, which only a completing shell needs",
    "cli/customer_copy.py": "what a customer gets of their data: read for itself, without formats",
    "cli/healthcheck.py": COMMAND,
    "cli/prompt.py": "reads from a terminal without blocking a connection: no part of one command",
    "cli/send.py": COMMAND,
    "cli/watch.py": COMMAND,
    "helpdesk_tui/actions/appearance.py": "a file for each subject of actions",
    "helpdesk_tui/editor.py": "starts a program in the agent's terminal; knows nothing of drafts",
    "helpdesk_tui/widgets/customer_pane.py": "a file for each widget",
    "relay/store/sqlite/message_ids.py": "a promise of its own: no id is ever given out twice",
}
"""Modules under 80 lines with one importer, and the reason why they are no part of that one."""

SHARED_STEMS: dict[str, str] = {
    "app": "the application object of a package: Typer's, Textual's",
    "backup": "complete copies of a database: the command, the store",
    "commands": "acts on a help request: as the desk decides them, as the console sends them",
    "composer": "the editor of an answer: its widget, the actions on it",
    "config": "the settings that one layer goes by; the command that shows all of them",
    "conversation": "the messages of one request: the model, the widget, the actions on it",
    "customer": "the person who asks: their frames, and what the console shows of them",
    "erasure": "erases customers and requests: the use case, its statements",
    "files": "files on disk: how any is written, and which belong to a desk",
    "objects": "the protocol's objects: as structs of the wire, as the console's model",
    "purge": "deletes old requests: the command, the handler of its frame",
    "queries": "reads beside the writer: the handlers of frames, the statements",
    "request_list": "the list of requests: the model, the widget",
    "requests": "help requests: the commands and the console's actions on them",
    "stats": "counts, durations and ratings of requests: computed, shown, the command",
    "version": "the version of the program: its value and order; the command that tells it",
    "usage": "messages and connections by day: the table, the command",
    "webhooks": "the state of webhooks: the command, the handlers, the frames",
}
"""Stems of more than one module, and the one meaning that they have in common."""
