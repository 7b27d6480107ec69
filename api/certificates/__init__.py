"""
Certificates of authenticity: issued once the mint is safe, kept as bytes, checked by anyone.
"""
