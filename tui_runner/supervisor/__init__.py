"""The asyncio shell around the scheduling core: performs effects, feeds events back."""
