"""The screens: the chat, and the help over it."""
