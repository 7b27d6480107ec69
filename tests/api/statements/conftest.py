from tests.support.studio_fixture import studio

__all__ = ["studio"]
