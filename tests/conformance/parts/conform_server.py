"""The running program that the proof asks."""

from pathlib import Path

from conform_world import World
from e2e_loop import BackgroundLoop
from e2e_program import Program
from e2e_sink import Sink


def start_world(folder: Path, loop: BackgroundLoop) -> World:
    """Start the program on an empty database, with a customer's application beside it."""
    program = Program(folder, None, {}).start()
    return World(program, Sink(loop).start(), folder)
