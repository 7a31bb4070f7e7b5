"""Single sign-on, off by default: with ``DERMNET_LOGIN=on`` a page is for visitors that your organisation knows."""

import os

import streamlit as st

from dermnet_core.i18n import _


def require_login() -> None:
    """Stop the page here for a visitor who has to sign in and has not; every page passes through this.

    Streamlit's own OpenID Connect login does the work; its settings are the section ``[auth]`` of the secrets. What
    is set wrongly closes the page, never opens it.
    """
    setting = os.environ.get("DERMNET_LOGIN", "").strip().lower()
    if setting in ("", "off"):
        return
    signed_in = st.user.get("is_logged_in")
    if setting != "on" or signed_in is None:
        st.error(_problem(setting))
        st.stop()
    if not signed_in:
        st.info(_("This server is for people of one organisation. Sign in to go on."), icon="🔒")
        st.button(_("Sign in"), key="sign-in", on_click=st.login, type="primary")
        st.stop()
    name = st.user.get("email") or st.user.get("name") or st.user.get("sub", "")
    st.sidebar.text(_("Signed in: {name}").format(name=name))
    st.sidebar.button(_("Sign out"), key="sign-out", on_click=st.logout)


def _problem(setting: str) -> str:
    if setting != "on":
        message = _("This server is closed: expected on or off in DERMNET_LOGIN, found {setting}. Correct it.")
        return message.format(setting=repr(setting))
    return _(
        "This server is closed: DERMNET_LOGIN is on, expected the section [auth] in .streamlit/secrets.toml, found "
        "none. Fill it in as docs/DEPLOYMENT.md shows, then start the server again."
    )
