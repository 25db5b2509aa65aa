"""The widgets of the console. They draw the model, never change it, and never parse markup."""
