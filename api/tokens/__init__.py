"""Works as programs and pages read them: one token, lists, provenance, and what its owner may do."""
