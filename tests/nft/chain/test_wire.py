"""A node's answer read in one pass, and what is said of one of another form."""

import pytest

from nft.chain import wire
from nft.chain.errors import AnswerInconsistent, NodeRefused

WORD = "0x" + "11" * 32
LOG = (
    f'{{"address":"0x{"22" * 20}","topics":["{WORD}"],"data":"0x","blockNumber":"0x5",'
    f'"blockHash":"{WORD}","transactionHash":"{WORD}","logIndex":"0x0","blockTimestamp":"0x1"}}'
)
HEADER = f'{{"number":"0x5","hash":"{WORD}","parentHash":"{WORD}","timestamp":"0x9","extra":[1]}}'


def batch(*results: str) -> bytes:
    members = [f'{{"jsonrpc":"2.0","id":{at},{one}}}' for at, one in enumerate(results)]
    return f"[{','.join(reversed(members))}]".encode()


def answers(*results: str) -> wire.Answers:
    return wire.Answers(batch(*results), len(results), wire.SPAN)


class TestAnswers:
    def test_logs_and_headers_of_one_batch_in_any_order(self) -> None:
        told = answers(f'"result":[{LOG}]', f'"result":{HEADER}', '"result":null')

        assert [log.block_number for log in told.logs(0)] == ["0x5"]
        assert getattr(told.header(1), "number", None) == 5
        assert told.header(2) is None

    def test_a_refused_member_leaves_the_others(self) -> None:
        refusal = '"error":{"code":-32000,"message":"finalized block not found"}'
        told = answers(f'"result":[{LOG}]', f'"result":{HEADER}', refusal)

        assert len(told.logs(0)) == 1
        assert getattr(told.header(1), "number", None) == 5
        assert told.header(2) is None

    def test_a_refusal_of_the_logs_is_raised(self) -> None:
        told = answers('"error":{"code":-32603,"message":"no"}', f'"result":{HEADER}')

        with pytest.raises(NodeRefused):
            told.logs(0)

    @pytest.mark.parametrize("result", [f'"result":{HEADER}', '"result":null', '"result":7'])
    def test_what_is_no_list_of_logs_is_malformed(self, result: str) -> None:
        with pytest.raises(AnswerInconsistent, match="malformed"):
            answers(result, f'"result":{HEADER}').logs(0)

    def test_a_list_is_no_header(self) -> None:
        with pytest.raises(AnswerInconsistent, match="malformed"):
            answers('"result":[]', '"result":[]').header(1)

    def test_a_member_that_is_missing(self) -> None:
        with pytest.raises(AnswerInconsistent, match="1 answers to a batch of 2"):
            wire.Answers(batch('"result":[]'), 2, wire.SPAN)
