"""Streamlit components shared by the pages; never imports Keras."""
