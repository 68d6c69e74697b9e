"""How fast Parley is, over real HTTP against a real gunicorn: `make bench` (benchmarks/README.md)."""
