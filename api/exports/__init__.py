"""
The way out: an artist's works, a collection or one work as a CAR, for files and for browsers.

The CAR is `media.exporting`; here stand the works that go into it, read from mirror and documents.
"""
