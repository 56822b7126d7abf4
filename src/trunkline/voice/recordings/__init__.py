"""Recordings: of what, how long, where the audio is, and what was said in it.

The audio is a blob (`runtime.blobs`) named by the recording's id. `library` is how call control
begins and finishes recordings, `api` how accounts see them.
"""
