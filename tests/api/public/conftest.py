from tests.support.exchange_fixture import exchange
from tests.support.studio_fixture import studio

__all__ = ["exchange", "studio"]
