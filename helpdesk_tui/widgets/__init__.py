"""What is on the screen. Each widget draws what it is shown and says which key was pressed.

``lines``         the base of both panes: many items, few of them drawn
``request_list``  who waits, and since when
``timeline``      the conversation
``composer``      where the agent writes
``emoji_names``   the emoji whose name is being written
``bars``          the lines around them: the request's head, who writes, the connection
``key_bar``       which keys work where the keys go now
``info``          the customer
``notice``        what the console has to say for a while
``figures``       the desk in numbers
``choices``       one of many, marked
``picker``        one of many, by typing some of its words
``dialogs``       the help, a question with two answers, some lines to write

A widget never changes the model, and never makes markup from text.
"""
