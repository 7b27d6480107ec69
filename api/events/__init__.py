"""The ordered feed of what happened, and the news that the mirror moved."""
