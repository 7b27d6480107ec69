from tests.support.exchange_fixture import exchange

__all__ = ["exchange"]
