"""Start of the application: `streamlit run streamlit_app.py`."""

from dermnet_ui.frame import navigation

navigation().run()
