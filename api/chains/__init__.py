"""The chains this exchange works on, and how far each is mirrored."""
