"""Asking applications what to do: signed requests, tuned by the URL's fragment, read as XML."""
