"""
What others say of a work: bindings, countersignatures, marks, claims, and the levels they make.
"""
