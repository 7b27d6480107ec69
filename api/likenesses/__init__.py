"""Likenesses: what a picture resembles, said as facts and never as an accusation."""
