"""Works as programs and pages read them: one, many, their history, and what may be done to them."""
