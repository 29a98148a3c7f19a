"""The Textual application: one screen to ask, read the answers and check each against its document.

Nothing here imports a model, the index or torch when it is imported: :mod:`assistant.tui.session` does so in a
thread, while the person already types.
"""
