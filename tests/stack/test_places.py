"""Settings of the places where works are kept: what they make, what they refuse, what they hide."""

import pytest

from api.cli.doctor import service_checks
from api.places import audit_plan, replicas, services, unread
from api.settings import Settings, SettingsRefused
from media.embedded import EmbeddedPinner
from media.pinning_services import PinningService, ServicePinner
from media.store import BlockStore

KUBO = "/ip4/127.0.0.1/tcp/5001"


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.read()


class TestServices:
    def test_are_read_with_their_gateways(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = services(
            settings(
                monkeypatch,
                IPFS_API=KUBO,
                PINNING_SERVICES="a=https://a.example/psa=tok=en==,b=http://127.0.0.1:9=secret",
                PINNING_GATEWAYS="a=https://gateway.example",
            )
        )

        assert [(one.name, one.url, one.token, one.gateway) for one in found] == [
            ("a", "https://a.example/psa", "tok=en==", "https://gateway.example"),
            ("b", "http://127.0.0.1:9", "secret", None),
        ]
        assert "secret" not in repr(found)

    @pytest.mark.parametrize(
        ("told", "gateways", "why"),
        [
            ("a=http://a.example=secret-word", "", "https"),
            ("a=ftp://a.example=secret-word", "", "https"),
            ("a=https://a.example", "", "no token"),
            ("kubo=https://a.example=secret-word", "", "named by"),
            ("A=https://a.example=secret-word", "", "named by"),
            ("a=https://a.example=secret-word,a=https://b.example=secret-word", "", "twice"),
            ("a=https://a.example=secret-word", "b=https://g.example", "no service"),
            ("a=https://a.example=secret-word", "a=http://g.example", "https"),
        ],
    )
    def test_refuse_what_cannot_be_and_hide_the_token(
        self, monkeypatch: pytest.MonkeyPatch, told: str, gateways: str, why: str
    ) -> None:
        given = settings(
            monkeypatch, IPFS_API=KUBO, PINNING_SERVICES=told, PINNING_GATEWAYS=gateways
        )

        with pytest.raises(SettingsRefused, match=why) as caught:
            services(given)

        assert "secret-word" not in str(caught.value)

    def test_need_a_node_to_fetch_from(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = settings(monkeypatch, PINNING_SERVICES="a=https://a.example=secret")

        with pytest.raises(SettingsRefused, match="IPFS_API"):
            services(given)

    def test_are_looked_at_by_the_doctor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = settings(
            monkeypatch, IPFS_API=KUBO, PINNING_SERVICES="a=http://127.0.0.1:1=secret-word"
        )

        (check,) = service_checks(given)
        finding = check()

        assert (finding.subject, finding.state) == ("pinning", "fault")
        assert "secret-word" not in finding.detail


class TestReplicas:
    def places(self, tmp_path):
        store = BlockStore(tmp_path)
        blind = ServicePinner(PinningService("blind", "https://a.example", "secret"))
        return {"embedded": EmbeddedPinner(store, store), "blind": blind}

    def test_are_all_that_can_be_read(self, monkeypatch, tmp_path) -> None:
        places = self.places(tmp_path)

        assert replicas(settings(monkeypatch), places) == 1
        assert unread(places) == ["blind"]

    def test_cannot_be_more_than_can_be_read(self, monkeypatch, tmp_path) -> None:
        given = settings(monkeypatch, MEDIA_REPLICAS="2")

        with pytest.raises(SettingsRefused, match="only 1 places can be read back"):
            replicas(given, self.places(tmp_path))

    def test_and_audits_are_read_from_the_environment(self, monkeypatch) -> None:
        plan = audit_plan(settings(monkeypatch, MEDIA_AUDIT_DAYS="3", MEDIA_AUDIT_BYTES="1000"))

        assert (plan.days, plan.most_bytes) == (3, 1000)
