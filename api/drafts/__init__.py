"""Drafts: works being described, kept on the server so that nothing typed is lost."""
