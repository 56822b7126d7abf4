"""Keys that are sent: `1w2@500`, with pauses, and perhaps the milliseconds of each tone."""

SHORTEST_TONE_MS, LONGEST_TONE_MS = 20, 8_000
TONE_LASTS = f"a tone lasts {SHORTEST_TONE_MS} to {LONGEST_TONE_MS} ms"


def keys_of(written: str) -> tuple[str, int]:
    """Return keys and how long each sounds, 0 if nothing is said of it.

    Raises:
        ValueError: no tone can be so long.
    """
    keys, at, length = written.partition("@")
    if not at:
        return keys, 0
    if not length.isascii() or not length.isdigit() or len(length) > len(str(LONGEST_TONE_MS)):
        raise ValueError(TONE_LASTS)
    if not SHORTEST_TONE_MS <= int(length) <= LONGEST_TONE_MS:
        raise ValueError(TONE_LASTS)
    return keys, int(length)
