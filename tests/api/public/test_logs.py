"""What processes log can be read, whichever commands ran in the process before."""

import logging

import structlog
from structlog.testing import capture_logs

from api.logs import configure_logs

log = structlog.get_logger("tests.logs")


def test_a_logger_is_heard_after_logs_were_set_up_again():
    configure_logs(logging.ERROR)
    log.warning("before")
    configure_logs(logging.ERROR)

    with capture_logs() as said:
        log.warning("after")

    assert [line["event"] for line in said] == ["after"]
