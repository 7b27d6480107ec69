from tests.support.exchange_fixture import exchange
from tests.support.studio_fixture import studio
from tests.support.trader_fixture import trader

__all__ = ["exchange", "studio", "trader"]
