"""Uploads: tus 1.0 over HTTP; the rules are `media.uploads`."""
