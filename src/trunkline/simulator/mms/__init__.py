"""An MMSC of our own on a real port: takes submits, reports, and brings what handsets send."""
