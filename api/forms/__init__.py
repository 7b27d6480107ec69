"""
The forms of a certificate: on paper, as a bundle of evidence, embedded elsewhere, as linked data.
"""
