"""The far ends of calls whose process died: who tells them, and how they are reached."""
