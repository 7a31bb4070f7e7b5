# Serves the application, by default without TensorFlow: photos are answered, nothing is trained.
#   docker build -t dermnet-workbench .
#   docker build -t dermnet-workbench:full --build-arg INSTALL=install-runtime .      with TensorFlow
# The steps are the Makefile's, and tests/test_deployment.py compares them. How to run it: docs/DEPLOYMENT.md.

FROM python:3.12-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY Makefile requirements-serve.txt requirements.txt ./
ARG INSTALL=install-serve
RUN make "$INSTALL" PYTHON=python3.12 PIP_OPTIONS=--no-cache-dir

FROM python:3.12-slim-bookworm
WORKDIR /app
# /data is the one folder that the application writes to; HOME and temporary files lie in /tmp.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin dermnet \
    && install --directory --owner 10001 --group 10001 /data
COPY --from=build /app/.venv .venv
COPY . .
RUN .venv/bin/python -m compileall -q dermnet_core dermnet_ui pages streamlit_app.py
# With a name of its own Streamlit asks no outside service for this computer's address at start.
ENV HOME=/tmp \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_HEADLESS=true \
    DERMNET_LOCAL=off \
    DERMNET_CACHE_DIR=/data/cache \
    DERMNET_EVALUATIONS_DIR=/data/evaluations \
    DERMNET_MODELS_DIR=/data/models \
    DERMNET_RUNS_DIR=/data/runs \
    DERMNET_SEARCHES_DIR=/data/searches
USER 10001:10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD [".venv/bin/python", "-m", "dermnet_ui.health"]
CMD [".venv/bin/python", "-m", "streamlit", "run", "streamlit_app.py", "--server.port", "8501", "--server.address", "0.0.0.0"]
