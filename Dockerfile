# The page on a CPU: docker build -t musclepose . && docker run --rm -p 7860:7860 musclepose
# Where pip's default torch would bring CUDA packages: --build-arg TORCH_INDEX_URL=... (the index of torch's CPU builds).
FROM python:3.11-slim
ARG TORCH_INDEX_URL=""
WORKDIR /app
COPY packages.txt ./
RUN apt-get update && xargs -a packages.txt apt-get install -y --no-install-recommends libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt constraints.txt pyproject.toml README.md LICENSE ./
COPY tools/setup_env.py tools/
RUN python tools/setup_env.py app ${TORCH_INDEX_URL:+--torch-index-url "$TORCH_INDEX_URL"}
COPY . .
RUN .venv/bin/python -m musclepose.assets && .venv/bin/python -m musclepose.web.example \
    && useradd --create-home coach && chown -R coach /app/.cache
USER coach
EXPOSE 7860
CMD [".venv/bin/python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
