"""Settings: typed, known by name, and silent about what is secret."""

from pathlib import Path

import pytest

from api.settings import Settings, SettingsRefused, load_settings, read_rpc_urls


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name in Settings.names():
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"VERNISSAGE_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


class TestSettings:
    def test_have_defaults(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load(monkeypatch)

        assert settings.public_url == "http://localhost:8000"
        assert settings.data_dir == Path("data")
        assert settings.database_url is None

    def test_are_read_with_and_without_prefix(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load(
            monkeypatch, PUBLIC_URL="https://a.example/", VERNISSAGE_MEDIA_URL="https://b.example"
        )

        assert settings.public_url == "https://a.example"
        assert settings.media_url == "https://b.example"

    def test_an_unknown_one_refuses_to_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(SettingsRefused, match="VERNISSAGE_PUBLC_URL: no such setting"):
            load(monkeypatch, VERNISSAGE_PUBLC_URL="https://a.example")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DATABASE_URL", "mysql://secret-word@host/db"),
            ("RPC_URLS", "https://host/secret-word"),
            ("RPC_URLS", "1=ftp://host/secret-word"),
            ("SECRET_KEY", "secret-word"),
            ("PUBLIC_URL", "secret-word"),
        ],
    )
    def test_a_bad_one_is_named_and_its_value_is_not(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        with pytest.raises(SettingsRefused) as caught:
            load(monkeypatch, **{name: value})

        assert name in str(caught.value)
        assert "secret-word" not in str(caught.value)

    def test_never_show_a_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load(
            monkeypatch,
            DATABASE_URL="postgresql://me:secret-word@host/db",
            RPC_URLS="1=https://host/secret-word",
            SECRET_KEY="secret-word" * 4,
            PINNING_SERVICES="a=https://a.example=secret-word",
        )

        assert "secret-word" not in repr(settings)
        assert "secret-word" not in settings.model_dump_json()
        assert settings.nodes() == {1: ("https://host/secret-word",)}

    def test_what_is_needed_and_missing_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load(monkeypatch)

        with pytest.raises(SettingsRefused, match="DATABASE_URL"):
            settings.need_database()
        with pytest.raises(SettingsRefused, match="SECRET_KEY"):
            settings.need_secret_key()


def test_nodes_keep_their_order_and_their_chain() -> None:
    text = "1=https://a/x=y, 31337=http://b,1=https://c,"

    assert read_rpc_urls(text) == {1: ("https://a/x=y", "https://c"), 31337: ("http://b",)}


def test_a_socket_may_be_named_where_heads_are_pushed() -> None:
    assert read_rpc_urls("1=https://a,1=wss://b") == {1: ("https://a", "wss://b")}


def test_wallets_are_told_no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsRefused, match="PUBLIC_RPC_URLS"):
        load(monkeypatch, PUBLIC_RPC_URLS="1=wss://b")
