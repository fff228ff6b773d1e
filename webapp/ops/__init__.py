"""Operations: installation, health and metrics."""
