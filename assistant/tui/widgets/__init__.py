"""The parts of the screen. They change only in answer to messages, never from a thread."""
